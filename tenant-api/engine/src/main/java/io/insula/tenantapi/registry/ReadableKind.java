package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/// A kind whose objects can be read: listed, selected and shown in tables.
public sealed interface ReadableKind extends ResourceKind permits StoredKind, ObservedKind {

    /// The fields that field selectors may use beside metadata.name and metadata.namespace, with this object's values.
    default Map<String, String> selectableFields(JsonNode object) {
        return Map.of();
    }

    /// The names of [#selectableFields], known without an object.
    default List<String> selectableFieldNames() {
        return List.of();
    }

    /// The columns of `kubectl get`, without the leading name column being implied. The default is Name and Created At.
    default List<Column> columns() {
        return Column.DEFAULT;
    }

    /// The conditions of `object`'s row in a `meta.k8s.io` Table; empty for none.
    default List<ObjectNode> rowConditions(JsonNode object) {
        return List.of();
    }
}
