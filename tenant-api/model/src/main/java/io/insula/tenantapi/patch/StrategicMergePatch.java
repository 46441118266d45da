package io.insula.tenantapi.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.schema.JsonValues;
import io.insula.tenantapi.schema.SchemaType;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Strategic merge patch: a merge patch that merges lists by element keys, as the schema says, with the
/// directives `$patch`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…` and `$retainKeys`. Where the schema
/// names no strategy, objects merge and lists are replaced. Source: kubernetes/apimachinery,
/// `util/strategicpatch`.
public final class StrategicMergePatch {

    static final String DIRECTIVE = "$patch";
    static final String ORDER = "$setElementOrder/";
    static final String DELETE_LIST = "$deleteFromPrimitiveList/";
    static final String RETAIN_KEYS = "$retainKeys";
    private static final String MERGE = "merge";
    private static final String REPLACE = "replace";
    private static final String DELETE = "delete";

    private StrategicMergePatch() {}

    /// A new tree; neither argument is changed.
    ///
    /// @throws PatchException when the patch is malformed, e.g. an element lacks its merge key
    public static ObjectNode apply(SchemaType type, ObjectNode current, ObjectNode patch) {
        return mergeObjects(current.deepCopy(), patch.deepCopy(), type);
    }

    /// Both arguments are used up.
    private static ObjectNode mergeObjects(ObjectNode original, ObjectNode patch, SchemaType type) {
        JsonNode directive = patch.remove(DIRECTIVE);
        if (directive != null) {
            return switch (directive.asText()) {
                case REPLACE -> patch;
                case DELETE -> JsonNodeFactory.instance.objectNode();
                default -> throw badDirective(directive, patch);
            };
        }
        retainKeys(original, patch);
        mergeOrderedLists(original, patch, type);
        for (Map.Entry<String, JsonNode> entry : List.copyOf(patch.properties())) {
            mergeField(original, entry.getKey(), entry.getValue(), type);
        }
        return original;
    }

    private static void mergeField(ObjectNode original, String key, JsonNode wanted, SchemaType type) {
        if (key.startsWith(DELETE_LIST)) {
            deleteFromPrimitives(original, key.substring(DELETE_LIST.length()), wanted);
            return;
        }
        if (wanted.isNull()) {
            original.remove(key);
            return;
        }
        JsonNode present = original.get(key);
        SchemaType field = field(type, key);
        if (present instanceof ObjectNode object && wanted instanceof ObjectNode changes) {
            boolean replaced = field.patchStrategies().contains(REPLACE);
            original.set(key, replaced ? changes : mergeObjects(object, changes, field));
        } else if (present instanceof ArrayNode list && wanted instanceof ArrayNode changes) {
            original.set(key, mergeLists(list, changes, field));
        } else {
            JsonNode cleaned = withoutDirectives(wanted);
            if (cleaned != null) {
                original.set(key, cleaned);
            }
        }
    }

    private static SchemaType field(SchemaType type, String key) {
        return switch (type.shape()) {
            case OBJECT -> type.property(key).orElse(SchemaType.ANY);
            case MAP -> type.items();
            default -> SchemaType.ANY;
        };
    }

    private static void retainKeys(ObjectNode original, ObjectNode patch) {
        JsonNode keys = patch.remove(RETAIN_KEYS);
        if (keys == null) {
            return;
        }
        if (!keys.isArray()) {
            throw PatchException.malformed("invalid patch format of retainKeys");
        }
        Set<String> retained = new HashSet<>();
        keys.forEach(k -> retained.add(k.asText()));
        for (Map.Entry<String, JsonNode> entry : patch.properties()) {
            boolean isValue = !entry.getValue().isNull()
                    && !entry.getKey().startsWith(DELETE_LIST)
                    && !entry.getKey().startsWith(ORDER);
            if (isValue && !retained.contains(entry.getKey())) {
                throw PatchException.malformed("invalid patch format of retainKeys");
            }
        }
        original.properties().removeIf(e -> !retained.contains(e.getKey()));
    }

    private static void deleteFromPrimitives(ObjectNode original, String key, JsonNode unwanted) {
        if (!(unwanted instanceof ArrayNode values)) {
            throw PatchException.malformed("invalid patch format of primitive list");
        }
        if (original.get(key) instanceof ArrayNode list) {
            var kept = list.arrayNode();
            list.forEach(value -> {
                if (indexOf(values, value, "") < 0) {
                    kept.add(value);
                }
            });
            original.set(key, kept);
        }
    }

    /// Handles every list that comes with an order, so that what remains of the patch has none.
    private static void mergeOrderedLists(ObjectNode original, ObjectNode patch, SchemaType type) {
        for (Map.Entry<String, JsonNode> entry : List.copyOf(patch.properties())) {
            if (!entry.getKey().startsWith(ORDER)) {
                continue;
            }
            patch.remove(entry.getKey());
            String key = entry.getKey().substring(ORDER.length());
            ArrayNode order = list(entry.getValue());
            ArrayNode present = original.has(key) ? list(original.get(key)) : null;
            boolean deleted = patch.path(key).isNull();
            ArrayNode wanted = patch.has(key) && !deleted ? list(patch.remove(key)) : null;
            SchemaType field = field(type, key);
            if (deleted || (present == null && wanted == null)) {
                continue;
            }
            checkOrder(wanted, order, field.patchMergeKey());
            ArrayNode merged = mergeForOrder(present, wanted, field);
            ArrayNode serverOrder = present == null ? order.arrayNode() : present;
            original.set(key, ElementOrder.enforce(merged, order, serverOrder, field.patchMergeKey()));
        }
    }

    private static ArrayNode mergeForOrder(@Nullable ArrayNode present, @Nullable ArrayNode wanted, SchemaType field) {
        if (wanted == null) {
            return present == null ? JsonNodeFactory.instance.arrayNode() : present.deepCopy();
        }
        if (present == null) {
            return withoutDirectives(wanted) instanceof ArrayNode cleaned ? cleaned : wanted.arrayNode();
        }
        return mergeLists(present.deepCopy(), wanted, field);
    }

    private static ArrayNode list(JsonNode value) {
        if (value instanceof ArrayNode array) {
            return array;
        }
        throw PatchException.malformed("expected a list, got: " + value);
    }

    private static void checkOrder(@Nullable ArrayNode wanted, ArrayNode order, String key) {
        int at = 0;
        for (JsonNode value : wanted == null ? List.<JsonNode>of() : wanted) {
            if (value.has(DIRECTIVE)) {
                continue;
            }
            while (at < order.size() && !ElementOrder.sameElement(order.get(at), value, key)) {
                at++;
            }
            if (at++ >= order.size()) {
                throw PatchException.malformed("The order in patch list:\n" + wanted + "\n doesn't match "
                        + "$setElementOrder list:\n" + order + "\n");
            }
        }
    }

    private static ArrayNode mergeLists(ArrayNode original, ArrayNode patch, SchemaType type) {
        if (!type.patchStrategies().contains(MERGE)) {
            JsonNode cleaned = withoutDirectives(patch);
            return cleaned instanceof ArrayNode list ? list : patch.arrayNode();
        }
        if (original.isEmpty() && patch.isEmpty()) {
            return original;
        }
        boolean objects = (original.isEmpty() ? patch : original).get(0).isObject();
        checkSameKind(original, objects);
        checkSameKind(patch, objects);
        if (!objects) {
            ArrayNode merged = original.deepCopy();
            patch.forEach(merged::add);
            return ElementOrder.enforce(distinct(merged), patch, original, "");
        }
        if (type.patchMergeKey().isEmpty()) {
            throw PatchException.malformed("cannot merge lists without merge key for " + type);
        }
        return mergeObjectLists(original, patch, type);
    }

    private static void checkSameKind(ArrayNode list, boolean objects) {
        for (JsonNode element : list) {
            if (element.isArray()) {
                throw PatchException.notApplicable("lists of lists are not supported");
            }
            if (element.isObject() != objects) {
                throw PatchException.malformed("element types do not match: " + list);
            }
        }
    }

    private static ArrayNode mergeObjectLists(ArrayNode original, ArrayNode patch, SchemaType type) {
        String key = type.patchMergeKey();
        ArrayNode merged = original.deepCopy();
        ArrayNode plain = patch.arrayNode();
        boolean replaces = false;
        for (JsonNode element : patch) {
            switch (element.path(DIRECTIVE).asText("")) {
                case "" -> plain.add(requireKey(element, key));
                case REPLACE -> replaces = true;
                case DELETE -> removeAll(merged, requireKey(element, key).path(key), key);
                default -> throw badDirective(element.path(DIRECTIVE), element);
            }
        }
        if (replaces) {
            return withoutDirectives(plain) instanceof ArrayNode cleaned ? cleaned : plain;
        }
        for (JsonNode element : plain) {
            mergeElement(merged, (ObjectNode) element, type);
        }
        return ElementOrder.enforce(merged, plain, original, key);
    }

    private static void mergeElement(ArrayNode merged, ObjectNode element, SchemaType type) {
        int at = indexOf(merged, element, type.patchMergeKey());
        if (at >= 0) {
            merged.set(at, mergeObjects((ObjectNode) merged.get(at), element.deepCopy(), type.items()));
        } else {
            JsonNode cleaned = withoutDirectives(element);
            if (cleaned != null) {
                merged.add(cleaned);
            }
        }
    }

    private static void removeAll(ArrayNode list, JsonNode value, String key) {
        for (int i = list.size() - 1; i >= 0; i--) {
            if (JsonValues.same(requireKey(list.get(i), key).path(key), value)) {
                list.remove(i);
            }
        }
    }

    private static JsonNode requireKey(JsonNode element, String key) {
        if (!element.has(key)) {
            throw PatchException.malformed("map: " + element + " does not contain declared merge key: " + key);
        }
        return element;
    }

    private static int indexOf(ArrayNode list, JsonNode element, String key) {
        for (int i = 0; i < list.size(); i++) {
            if (ElementOrder.sameElement(list.get(i), element, key)) {
                return i;
            }
        }
        return -1;
    }

    private static ArrayNode distinct(ArrayNode list) {
        ArrayNode distinct = list.arrayNode();
        list.forEach(value -> {
            if (indexOf(distinct, value, "") < 0) {
                distinct.add(value);
            }
        });
        return distinct;
    }

    /// What a patch means where there is nothing to patch: no directives, no nulls; null when it only deletes.
    private static @Nullable JsonNode withoutDirectives(JsonNode value) {
        return switch (value) {
            case ObjectNode object -> cleanObject(object);
            case ArrayNode array -> cleanArray(array);
            default -> value;
        };
    }

    private static @Nullable ObjectNode cleanObject(ObjectNode object) {
        String directive = object.path(DIRECTIVE).asText("");
        if (directive.equals(DELETE)) {
            return null;
        }
        ObjectNode cleaned = object.objectNode();
        for (Map.Entry<String, JsonNode> entry : object.properties()) {
            String key = entry.getKey();
            boolean isDirective = key.equals(DIRECTIVE)
                    || key.equals(RETAIN_KEYS)
                    || key.startsWith(ORDER)
                    || key.startsWith(DELETE_LIST);
            JsonNode kept = isDirective || entry.getValue().isNull() ? null : withoutDirectives(entry.getValue());
            if (kept != null) {
                cleaned.set(key, kept);
            }
        }
        return cleaned;
    }

    private static ArrayNode cleanArray(ArrayNode array) {
        ArrayNode cleaned = array.arrayNode();
        for (JsonNode element : array) {
            boolean onlyDirective = element.size() == 1 && element.has(DIRECTIVE);
            JsonNode kept = onlyDirective ? null : withoutDirectives(element);
            if (kept != null) {
                cleaned.add(kept);
            }
        }
        return cleaned;
    }

    private static PatchException badDirective(JsonNode directive, JsonNode patch) {
        return PatchException.malformed("unknown patch type [" + directive.asText() + "] in map [" + patch + "]");
    }
}
