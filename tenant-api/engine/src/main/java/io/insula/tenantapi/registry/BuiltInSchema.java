package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.apply.FieldManager;
import io.insula.tenantapi.patch.PatchException;
import io.insula.tenantapi.patch.StrategicMergePatch;
import io.insula.tenantapi.schema.AlwaysWritten;
import io.insula.tenantapi.schema.Defaulter;
import io.insula.tenantapi.schema.FieldChecker;
import io.insula.tenantapi.schema.SchemaType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The schema of a built-in kind: the API description's type. Immutable.
final class BuiltInSchema implements KindSchema {

    private final GroupVersionKind kind;
    private final SchemaType type;

    BuiltInSchema(GroupVersionKind kind, SchemaType type) {
        this.kind = kind;
        this.type = type;
    }

    @Override
    public SchemaType type() {
        return type;
    }

    @Override
    public List<String> decode(ObjectNode object) {
        FieldChecker.Findings findings = FieldChecker.decode(type, object);
        if (!findings.typeErrors().isEmpty()) {
            throw ApiException.badRequest(kind.kind() + " in version \"" + kind.version()
                    + "\" cannot be handled as a " + kind.kind() + ": "
                    + findings.typeErrors().getFirst().message());
        }
        return findings.unknownFields();
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Defaulter.apply(type, object);
    }

    @Override
    public void completeStatus(ObjectNode object) {
        AlwaysWritten.complete(type, object, "status");
    }

    @Override
    public List<FieldError> validate(JsonNode object, @Nullable JsonNode old, List<String> warnings) {
        return List.of();
    }

    @Override
    public ObjectNode strategicMerge(ObjectNode current, JsonNode patch) {
        if (!(patch instanceof ObjectNode object)) {
            throw ApiException.badRequest("error decoding patch: expected an object");
        }
        try {
            return StrategicMergePatch.apply(type, current, object);
        } catch (PatchException e) {
            throw e.toApi();
        }
    }

    @Override
    public void trackUpdate(@Nullable ObjectNode live, ObjectNode wanted, Tracking tracking) {
        Tracked.update(type, live, wanted, tracking);
    }

    @Override
    public ObjectNode apply(@Nullable ObjectNode live, ObjectNode applied, Tracking tracking, boolean force) {
        return FieldManager.apply(tracking.operation(type), live == null ? Json.object() : live, applied, force);
    }
}
