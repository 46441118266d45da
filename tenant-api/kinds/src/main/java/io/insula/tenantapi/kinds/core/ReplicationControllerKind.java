package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.PodRules;
import io.insula.tenantapi.kinds.PodTemplates;
import io.insula.tenantapi.kinds.PodWarnings;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.kinds.ReplicaKind;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Singleton
final class ReplicationControllerKind implements ReplicaKind {

    private static final KindSpec SPEC = KindSpec.namespaced(
                    "", "v1", "ReplicationController", "replicationcontrollers")
            .shortNames("rc")
            .categories("all")
            .storedAt("controllers")
            .withStatus()
            .withGeneration()
            .withScale();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        PodTemplates.applyDefaults(object);
        ObjectNode spec = Fields.object(object, "spec");
        Fields.defaultTo(spec, "replicas", 1);
        JsonNode labels = WorkloadView.of(object).templateLabels();
        if (!labels.isEmpty()) {
            if (!WorkloadView.of(object).isSelecting()) {
                spec.set(WorkloadView.SELECTOR, labels.deepCopy());
            }
            if (object.path("metadata").path("labels").isEmpty()) {
                Meta.of(object).set("labels", labels.deepCopy());
            }
        }
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var checks = new Checks().notNegative(spec, "spec", "replicas").notNegative(spec, "spec", "minReadySeconds");
        if (!WorkloadView.of(object).isSelecting()) {
            checks.add(FieldError.required("spec.selector", ""));
        }
        if (!WorkloadView.of(object).template().isObject()) {
            return checks.add(FieldError.required("spec.template", "")).errors();
        }
        JsonNode labels = WorkloadView.of(object).templateLabels();
        if (!Fields.map(labels)
                .entrySet()
                .containsAll(Fields.map(WorkloadView.of(object).selector()).entrySet())) {
            checks.add(FieldError.invalid(
                    "spec.template.metadata.labels", labels, "`selector` does not match template `labels`"));
        }
        return checks.addAll(PodRules.validate(WorkloadView.of(object).podSpec().tree(), "spec.template.spec"))
                .errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    public List<String> warnings(JsonNode object, @Nullable JsonNode old) {
        return PodWarnings.ofTemplate(object, old, "spec.template");
    }

    @Override
    public boolean orphansByDefault() {
        return true;
    }

    @Override
    public String selectorText(JsonNode object) {
        return Printers.labels(WorkloadView.of(object).selector());
    }
}
