package io.insula.tenantapi.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.schema.ApiSchema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;

/// The definitions that a document needs, with everything they refer to. Confined to one build.
final class SchemaSet {

    private static final String PREFIX = "#/definitions/";
    private static final List<String> SHARED = List.of("DeleteOptions", "Status", "WatchEvent");

    private final ApiSchema source;
    private final TreeMap<String, ObjectNode> schemas = new TreeMap<>();
    private final Deque<String> pending = new ArrayDeque<>();

    SchemaSet(ApiSchema source) {
        this.source = source;
    }

    /// Adds a built-in kind, its list, the kinds of its subresources and the shared kinds of its group.
    void add(KindSpec spec) {
        var kinds = new ArrayList<GroupVersionKind>();
        kinds.add(spec.kind());
        kinds.add(spec.kind().withKind(spec.kind().kind() + "List"));
        spec.subresources().forEach(sub -> kinds.add(sub.kind()));
        SHARED.forEach(shared -> kinds.add(spec.kind().withKind(shared)));
        kinds.forEach(this::add);
    }

    void add(GroupVersionKind kind) {
        source.definitionName(kind).ifPresent(name -> {
            require(name);
            drain();
            mark(Objects.requireNonNull(schemas.get(name)), kind);
        });
    }

    /// Adds a definition by its full name, where it exists.
    void require(String name) {
        if (!schemas.containsKey(name)) {
            pending.add(name);
            drain();
        }
    }

    /// The fields of a built-in definition by its full name.
    ObjectNode fieldsOf(String name) {
        return (ObjectNode) source.definition(name).orElseThrow().path("properties");
    }

    void put(String name, ObjectNode schema, GroupVersionKind kind) {
        schemas.put(name, schema);
        mark(schema, kind);
    }

    /// Name → schema, sorted; the caller owns it.
    ObjectNode tree() {
        ObjectNode tree = Json.object();
        tree.setAll(schemas);
        return tree;
    }

    /// The definition's name of a custom kind: its group reversed. Source: apiextensions-apiserver, `openapi/builder`.
    static String customName(GroupVersionKind kind) {
        List<String> labels = Arrays.asList(kind.group().split("\\.", -1));
        return String.join(".", labels.reversed()) + "." + kind.version() + "." + kind.kind();
    }

    private void drain() {
        while (!pending.isEmpty()) {
            String name = pending.pop();
            if (!schemas.containsKey(name)) {
                source.definition(name).ifPresent(schema -> {
                    schema.remove("x-fabric8-info");
                    schemas.put(name, schema);
                    references(schema);
                });
            }
        }
    }

    private void references(JsonNode node) {
        JsonNode reference = node.path("$ref");
        if (reference.isTextual() && reference.asText().startsWith(PREFIX)) {
            pending.add(reference.asText().substring(PREFIX.length()));
        }
        node.forEach(this::references);
    }

    private static void mark(ObjectNode schema, GroupVersionKind kind) {
        var marks = schema.withArrayProperty("x-kubernetes-group-version-kind");
        for (JsonNode mark : marks) {
            if (mark.path("group").asText().equals(kind.group())
                    && mark.path("version").asText().equals(kind.version())) {
                return;
            }
        }
        marks.addObject().put("group", kind.group()).put("kind", kind.kind()).put("version", kind.version());
    }
}
