package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes from v2 documents of servers behind what they serve: the paths of their group and version, and the definitions
/// that those need. A definition that another one of the same name differs from gets a new name; who differs only in
/// the kinds that it stands for is the same. Confined to one build.
/// Source: kube-openapi, `pkg/aggregator` (MergeSpecsIgnorePathConflictRenamingDefinitionsAndParameters).
final class RemoteParts {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteParts.class);
    private static final String PREFIX = "#/definitions/";
    private static final String KINDS = "x-kubernetes-group-version-kind";

    private final Function<String, Optional<ObjectNode>> builtIn;
    private final ObjectNode paths;
    private final ObjectNode definitions;

    /// @param builtIn a definition by its name
    /// @param paths,definitions to be added to
    RemoteParts(Function<String, Optional<ObjectNode>> builtIn, ObjectNode paths, ObjectNode definitions) {
        this.builtIn = builtIn;
        this.paths = paths;
        this.definitions = definitions;
    }

    /// What cannot be used is left out: the others' documents do not depend on it.
    void add(RemoteApi api) {
        try {
            merge(api.root(), api.v2().length == 0 ? Json.object() : Json.MAPPER.readTree(api.v2()));
        } catch (IOException e) {
            LOG.atDebug().setCause(e).addKeyValue("group", api.root()).log("OpenAPI document cannot be read");
        }
    }

    private void merge(String root, JsonNode swagger) {
        var own = new TreeMap<String, JsonNode>();
        swagger.path("paths").properties().forEach(path -> {
            boolean served = path.getKey().startsWith("/" + root + "/");
            if (served && path.getValue().isObject() && !paths.has(path.getKey())) {
                own.put(path.getKey(), path.getValue());
            }
        });
        Map<String, JsonNode> needed = needed(own, swagger.path("definitions"));
        var names = new HashMap<String, String>();
        needed.forEach((name, definition) -> names.put(name, nameOf(name, definition)));
        needed.forEach((name, definition) -> {
            String kept = names.getOrDefault(name, name);
            if (there(kept).isEmpty()) {
                definitions.set(kept, renamed(definition, names));
            }
        });
        own.forEach((path, item) -> paths.set(path, renamed(item, names)));
    }

    private static Map<String, JsonNode> needed(Map<String, JsonNode> paths, JsonNode definitions) {
        var found = new TreeMap<String, JsonNode>();
        Deque<JsonNode> open = new ArrayDeque<>(paths.values());
        while (!open.isEmpty()) {
            JsonNode node = open.pop();
            String name = referred(node);
            JsonNode definition = definitions.path(name);
            if (!name.isEmpty() && definition.isObject() && found.putIfAbsent(name, definition) == null) {
                open.push(definition);
            }
            node.forEach(open::push);
        }
        return found;
    }

    private static String referred(JsonNode node) {
        JsonNode reference = node.path("$ref");
        return reference.isTextual() && reference.asText().startsWith(PREFIX)
                ? reference.asText().substring(PREFIX.length())
                : "";
    }

    private String nameOf(String name, JsonNode definition) {
        String free = name;
        for (int i = 2; there(free).filter(other -> !isSame(other, definition)).isPresent(); i++) {
            free = name + "_v" + i;
        }
        return free;
    }

    private Optional<ObjectNode> there(String name) {
        return definitions.get(name) instanceof ObjectNode own ? Optional.of(own) : builtIn.apply(name);
    }

    private static boolean isSame(ObjectNode one, JsonNode other) {
        return other instanceof ObjectNode second
                && one.deepCopy().without(KINDS).equals(second.deepCopy().without(KINDS));
    }

    /// A copy. Jackson reads nothing that is nested so deeply that this would end the stack.
    private static JsonNode renamed(JsonNode node, Map<String, String> names) {
        JsonNode copy = node.deepCopy();
        rename(copy, names);
        return copy;
    }

    private static void rename(JsonNode node, Map<String, String> names) {
        String name = referred(node);
        if (!name.isEmpty() && node instanceof ObjectNode object) {
            object.put("$ref", PREFIX + names.getOrDefault(name, name));
        }
        node.forEach(child -> rename(child, names));
    }
}
