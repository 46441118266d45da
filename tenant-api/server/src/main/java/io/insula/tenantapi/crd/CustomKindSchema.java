package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.apply.FieldManager;
import io.insula.tenantapi.registry.KindSchema;
import io.insula.tenantapi.registry.Tracked;
import io.insula.tenantapi.schema.StructuralSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A structural schema as the engine asks it. Immutable.
record CustomKindSchema(String kind, StructuralSchema schema) implements KindSchema {

    @Override
    public List<String> decode(ObjectNode object) {
        var findings = schema.decode(object);
        if (!findings.typeErrors().isEmpty()) {
            throw ApiException.badRequest(
                    kind + " cannot be handled: " + findings.typeErrors().getFirst());
        }
        return findings.unknownFields();
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        schema.applyDefaults(object);
    }

    @Override
    public List<FieldError> validate(JsonNode object, @Nullable JsonNode old) {
        return object instanceof ObjectNode tree ? schema.validate(tree) : List.of();
    }

    @Override
    public ObjectNode strategicMerge(ObjectNode current, JsonNode patch) {
        throw new IllegalStateException("custom resources take no strategic merge patch: " + kind);
    }

    @Override
    public void trackUpdate(@Nullable ObjectNode live, ObjectNode wanted, Tracking tracking) {
        Tracked.update(schema.type(), live, wanted, tracking);
    }

    @Override
    public ObjectNode apply(@Nullable ObjectNode live, ObjectNode applied, Tracking tracking, boolean force) {
        return FieldManager.apply(
                tracking.operation(schema.type()), live == null ? Json.object() : live, applied, force);
    }
}
