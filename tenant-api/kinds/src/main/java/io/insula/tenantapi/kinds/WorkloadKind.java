package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What Deployments, ReplicaSets, StatefulSets and DaemonSets share: a pod template with its defaults, a selector that
/// fits it, and that stays.
public interface WorkloadKind extends StoredKind {

    /// The kind's own defaults; those of the template are there already.
    void applySpecDefaults(ObjectNode spec);

    /// The kind's own findings, beside those of selector and template.
    default void validateSpec(JsonNode spec, Checks checks) {}

    /// Names of volumes that the pods get besides the template's.
    default Set<String> extraVolumes(JsonNode spec) {
        return Set.of();
    }

    /// Findings for a change of a valid object.
    default void validateChange(JsonNode wanted, JsonNode current, Checks checks) {
        checks.immutable(wanted, current, "spec.selector");
    }

    @Override
    default void applyDefaults(ObjectNode object) {
        PodTemplates.applyDefaults(object);
        applySpecDefaults(Fields.object(object, "spec"));
    }

    @Override
    default List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var checks = new Checks().addAll(WorkloadRules.validate(object, extraVolumes(spec)));
        validateSpec(spec, checks);
        return checks.errors();
    }

    @Override
    default List<String> warnings(JsonNode object, @Nullable JsonNode old) {
        return PodWarnings.ofTemplate(object, old, "spec.template");
    }

    @Override
    default List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks().addAll(validateCreate(wanted, context));
        validateChange(wanted, current, checks);
        return checks.errors();
    }
}
