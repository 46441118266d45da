package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.selector.FieldSelector;
import io.insula.tenantapi.selector.LabelSelector;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which objects of a collection a list or watch shows. Immutable.
record Selection(ReadableKind kind, LabelSelector labels, FieldSelector fields, String name) {

    /// @param name of the one wanted object; empty for all
    /// @throws io.insula.tenantapi.api.ApiException 400 for what cannot be parsed or selected by
    static Selection of(ReadableKind kind, String labelSelector, String fieldSelector, String name) {
        FieldSelector fields = FieldSelector.parse(fieldSelector);
        fields.requireSupported(Set.copyOf(kind.selectableFieldNames()));
        return new Selection(kind, LabelSelector.parse(labelSelector), fields, name);
    }

    boolean isEverything() {
        return labels.isEverything() && fields.isEverything() && name.isEmpty();
    }

    boolean matches(JsonNode object) {
        if (!name.isEmpty() && !name.equals(Meta.name(object))) {
            return false;
        }
        if (!labels.isEverything() && !labels.matches(Meta.labels(object))) {
            return false;
        }
        return fields.isEverything() || fields.matches(fieldsOf(object));
    }

    /// The name that every match must have: then one read answers a list.
    Optional<String> onlyName() {
        return name.isEmpty() ? fields.required("metadata.name") : Optional.of(name);
    }

    private Map<String, String> fieldsOf(JsonNode object) {
        var all = new HashMap<>(kind.selectableFields(object));
        all.put("metadata.name", Meta.name(object));
        all.put("metadata.namespace", Meta.namespace(object));
        return all;
    }
}
