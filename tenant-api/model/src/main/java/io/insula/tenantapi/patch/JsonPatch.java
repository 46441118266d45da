package io.insula.tenantapi.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.schema.JsonValues;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// JSON patch. Source: RFC 6902 as upstream's library (evanphx/json-patch v4) reads it: indexes may be negative
/// and count from the end, the document itself cannot be replaced, `test` for null passes where the field is
/// absent, and copies may not add up to more than 3 MiB.
public final class JsonPatch {

    /// More operations than this are refused with 413.
    public static final int MAX_OPERATIONS = 10_000;

    private static final long MAX_COPIED_BYTES = 3L * 1024 * 1024;

    private final ObjectNode document;
    private long copiedBytes;

    private JsonPatch(ObjectNode document) {
        this.document = document;
    }

    /// A new tree; neither argument is changed. All operations succeed or none takes effect.
    ///
    /// @throws PatchException when the patch is malformed, too long, or does not fit the document
    public static ObjectNode apply(ObjectNode document, ArrayNode patch) {
        if (patch.size() > MAX_OPERATIONS) {
            throw PatchException.tooLarge(
                    "The allowed maximum operations in a JSON patch is " + MAX_OPERATIONS + ", got " + patch.size());
        }
        var run = new JsonPatch(document.deepCopy());
        for (JsonNode operation : patch) {
            run.apply(operation);
        }
        return run.document;
    }

    private void apply(JsonNode operation) {
        if (!operation.isObject()) {
            throw PatchException.malformed("operation is not an object: " + operation);
        }
        String name = operation.path("op").asText();
        String path = pointer(operation, "path");
        switch (name) {
            case "add" -> add(path, value(operation).deepCopy());
            case "remove" -> remove(path);
            case "replace" -> replace(path, value(operation).deepCopy());
            case "move" -> move(pointer(operation, "from"), path);
            case "copy" -> copy(pointer(operation, "from"), path);
            case "test" -> test(path, operation);
            default -> throw PatchException.notApplicable("Unexpected kind: " + name);
        }
    }

    private static String pointer(JsonNode operation, String field) {
        JsonNode path = operation.get(field);
        if (path == null || !path.isTextual()) {
            throw PatchException.notApplicable("operation has no " + field + ": " + operation);
        }
        return path.asText();
    }

    private static JsonNode value(JsonNode operation) {
        JsonNode value = operation.get("value");
        return value == null ? NullNode.getInstance() : value;
    }

    private void add(String path, JsonNode value) {
        String last = last(path);
        switch (parent(path)) {
            case ObjectNode object -> object.set(last, value);
            case ArrayNode array -> {
                if (last.equals("-")) {
                    array.add(value);
                } else {
                    array.insert(index(last, array.size() + 1, path), value);
                }
            }
            case null, default -> throw missing("add", path);
        }
    }

    private void remove(String path) {
        JsonNode gone = switch (parent(path)) {
            case ObjectNode object -> object.remove(last(path));
            case ArrayNode array -> array.remove(index(last(path), array.size(), path));
            case null, default -> null;
        };
        if (gone == null) {
            throw missing("remove", path);
        }
    }

    private void replace(String path, JsonNode value) {
        if (get(path) == null) {
            throw missing("replace", path);
        }
        switch (parent(path)) {
            case ObjectNode object -> object.set(last(path), value);
            case ArrayNode array -> array.set(index(last(path), array.size(), path), value);
            case null, default -> throw missing("replace", path);
        }
    }

    private void move(String from, String path) {
        JsonNode value = get(from);
        if (value == null) {
            throw missing("move", from);
        }
        remove(from);
        add(path, value);
    }

    private void copy(String from, String path) {
        JsonNode value = get(from);
        if (value == null) {
            throw missing("copy", from);
        }
        copiedBytes += Json.bytes(value).length;
        if (copiedBytes > MAX_COPIED_BYTES) {
            throw PatchException.notApplicable(
                    "copied bytes: " + copiedBytes + " (expected: <= " + MAX_COPIED_BYTES + ")");
        }
        add(path, value.deepCopy());
    }

    private void test(String path, JsonNode operation) {
        JsonNode present = path.isEmpty() ? document : get(path);
        JsonNode wanted = value(operation);
        boolean passes = present == null ? wanted.isNull() : JsonValues.same(present, wanted);
        if (!passes) {
            throw PatchException.notApplicable("testing value " + path + " failed");
        }
    }

    private @Nullable JsonNode get(String path) {
        return switch (parent(path)) {
            case ObjectNode object -> object.get(last(path));
            case ArrayNode array -> array.get(index(last(path), array.size(), path));
            case null, default -> null;
        };
    }

    /// The container that the path's last segment is in; null when there is none.
    private @Nullable JsonNode parent(String path) {
        List<String> segments = segments(path);
        JsonNode at = document;
        for (String segment : segments.subList(0, segments.size() - 1)) {
            at = switch (at) {
                case ObjectNode object -> object.get(segment);
                case ArrayNode array -> array.get(index(segment, array.size(), path));
                case null, default -> null;
            };
        }
        return at;
    }

    private static String last(String path) {
        return segments(path).getLast();
    }

    private static List<String> segments(String path) {
        if (!path.startsWith("/")) {
            throw PatchException.notApplicable("doc is missing path: \"" + path + "\"");
        }
        return Arrays.stream(path.substring(1).split("/", -1))
                .map(s -> s.replace("~1", "/").replace("~0", "~"))
                .toList();
    }

    private static int index(String segment, int size, String path) {
        int index;
        try {
            index = Integer.parseInt(segment);
        } catch (NumberFormatException _) {
            throw PatchException.notApplicable("not an index: " + segment + " in " + path);
        }
        int fromStart = index < 0 ? index + size : index;
        if (fromStart < 0 || fromStart >= size) {
            throw PatchException.notApplicable("Unable to access invalid index: " + index + " in " + path);
        }
        return fromStart;
    }

    private static PatchException missing(String operation, String path) {
        return PatchException.notApplicable(operation + " operation does not apply: doc is missing path: " + path);
    }
}
