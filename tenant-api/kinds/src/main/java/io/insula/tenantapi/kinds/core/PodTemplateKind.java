package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.PodRules;
import io.insula.tenantapi.kinds.PodTemplates;
import io.insula.tenantapi.kinds.PodWarnings;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.List;
import org.jspecify.annotations.Nullable;

@Singleton
final class PodTemplateKind implements StoredKind {

    private static final KindSpec SPEC =
            KindSpec.namespaced("", "v1", "PodTemplate", "podtemplates").withGeneration();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        if (pods(object).tree() instanceof ObjectNode spec) {
            PodTemplates.applySpecDefaults(spec);
        }
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return PodRules.validate(pods(object).tree(), "template.spec");
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return validateCreate(wanted, context);
    }

    @Override
    public List<String> warnings(JsonNode object, @Nullable JsonNode old) {
        return PodWarnings.ofTemplate(object, old, "template");
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of("Containers", (o, now) -> Printers.ordinary(pods(o), ContainerView::name)),
                Column.of("Images", (o, now) -> Printers.ordinary(pods(o), ContainerView::image)),
                Column.of("Pod Labels", (o, now) -> Printers.labels(Checks.at(o, "template.metadata.labels"))));
    }

    private static PodSpecView pods(JsonNode object) {
        return new PodSpecView(object.path(WorkloadView.TEMPLATE).path("spec"));
    }
}
