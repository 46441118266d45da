package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.apply.FieldManager;
import io.insula.tenantapi.cel.SchemaRules;
import io.insula.tenantapi.registry.KindSchema;
import io.insula.tenantapi.registry.Tracked;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.SchemaType;
import io.insula.tenantapi.schema.StructuralSchema;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A structural schema as the engine asks it. Immutable.
///
/// @param rules null where the schema has none
record CustomKindSchema(
        String kind, StructuralSchema schema, @Nullable SchemaRules rules) implements KindSchema {

    /// Findings that leave nothing for rules to look at. Source: apiextensions-apiserver,
    /// `registry/customresource/strategy.go` (hasBlockingErr).
    private static final Set<FieldError.Reason> BLOCKING = EnumSet.of(
            FieldError.Reason.FieldValueNotSupported,
            FieldError.Reason.FieldValueRequired,
            FieldError.Reason.FieldValueTooLong,
            FieldError.Reason.FieldValueTooMany,
            FieldError.Reason.FieldValueTypeInvalid);

    static CustomKindSchema of(String kind, JsonNode openApiSchema) {
        return new CustomKindSchema(
                kind,
                StructuralSchema.of(openApiSchema, ApiSchema.load()),
                SchemaRules.of(openApiSchema).orElse(null));
    }

    @Override
    public SchemaType type() {
        return schema.type();
    }

    @Override
    public List<String> decode(ObjectNode object) {
        var findings = schema.decode(object);
        if (!findings.typeErrors().isEmpty()) {
            throw ApiException.badRequest(kind + " cannot be handled: "
                    + findings.typeErrors().getFirst().message());
        }
        return findings.unknownFields();
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        schema.applyDefaults(object);
    }

    @Override
    public List<FieldError> validate(JsonNode object, @Nullable JsonNode old, List<String> warnings) {
        List<FieldError> found = old == null ? schema.validate(object) : schema.validateUpdate(object, old);
        if (rules == null) {
            return found;
        }
        var errors = new ArrayList<FieldError>(found);
        if (errors.stream().anyMatch(error -> BLOCKING.contains(error.reason()))) {
            errors.add(FieldError.invalid(
                    "<nil>",
                    "null",
                    "some validation rules were not checked because the object was invalid; correct the existing errors"
                            + " to complete validation"));
        } else {
            errors.addAll(rules.validate(object, old, warnings));
        }
        return errors;
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
