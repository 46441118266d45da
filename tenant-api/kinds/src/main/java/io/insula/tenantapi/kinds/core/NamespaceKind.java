package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.Names;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.Subresource;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

@Singleton
final class NamespaceKind implements StoredKind {

    private static final String FINALIZER = "kubernetes";

    private static final KindSpec SPEC = KindSpec.cluster("", "v1", "Namespace", "namespaces")
            .shortNames("ns")
            .verbs("create", "delete", "get", "list", "patch", "update", "watch")
            .withStatus()
            .subresource(Subresource.of("finalize", new GroupVersionKind("", "v1", "Namespace"), "update")
                    .storing("spec", "finalizers"));

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        String name = Meta.name(object);
        if (!name.isEmpty()) {
            Fields.object(Meta.of(object), "labels").put(WellKnownKeys.NAMESPACE_NAME, name);
        }
        Fields.object(object, "spec");
        Fields.defaultText(Fields.object(object, "status"), "phase", "Active");
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        object.putObject("status").put("phase", "Active");
        Fields.object(Meta.of(object), "labels").put(WellKnownKeys.NAMESPACE_NAME, Meta.name(object));
        ArrayNode finalizers = Fields.object(object, "spec").withArrayProperty("finalizers");
        if (!Fields.texts(finalizers).contains(FINALIZER)) {
            finalizers.add(FINALIZER);
        }
    }

    @Override
    public void prepareForUpdate(ObjectNode wanted, JsonNode current, WriteContext context) {
        if (context.subresource().isEmpty() && current.path("spec").has("finalizers")) {
            Fields.object(wanted, "spec").set("finalizers", current.path("spec").path("finalizers"));
        }
    }

    /// `spec.finalizers` hold a namespace back, too. Source: kubernetes/kubernetes, `registry/core/namespace/storage`.
    @Override
    public boolean holdsBack(JsonNode object) {
        return !object.path("spec").path("finalizers").isEmpty();
    }

    @Override
    public boolean isOnlyStampedAtDeletion() {
        return true;
    }

    @Override
    public void onDeletionBegun(ObjectNode object) {
        object.withObjectProperty("status").put("phase", "Terminating");
    }

    @Override
    public String checkName(String name) {
        return Names.dns1123Label(name);
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.of("status.phase");
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        return Map.of("status.phase", object.path("status").path("phase").asText(""));
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(Printers.NAME, Printers.text("Status", "status.phase"), Printers.AGE);
    }
}
