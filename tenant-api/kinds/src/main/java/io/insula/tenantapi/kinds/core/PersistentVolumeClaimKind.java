package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;

@Singleton
final class PersistentVolumeClaimKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.namespaced(
                    "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
            .shortNames("pvc")
            .withStatus();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        ObjectNode spec = Fields.object(object, "spec");
        Fields.defaultText(spec, "volumeMode", "Filesystem");
        Fields.defaultText(Fields.object(object, "status"), "phase", "Pending");
    }

    @Override
    public void prepareForCreate(ObjectNode object, WriteContext context) {
        object.putObject("status").put("phase", "Pending");
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        JsonNode spec = object.path("spec");
        var checks = new Checks();
        if (spec.path("accessModes").isEmpty()) {
            checks.add(FieldError.required("spec.accessModes", "at least 1 access mode is required"));
        }
        if (!spec.path("resources").path("requests").hasNonNull("storage")) {
            checks.add(FieldError.required("spec.resources[storage]", ""));
        }
        return checks.oneOf(spec, "spec", "volumeMode", "Block", "Filesystem").errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        if (!context.subresource().isEmpty()) {
            return List.of();
        }
        JsonNode old = current.path("spec");
        JsonNode allowed = Checks.with(wanted.path("spec"), old, "resources", "volumeAttributesClassName");
        if (!old.hasNonNull("volumeName")) {
            allowed = Checks.with(allowed, old, "volumeName", "storageClassName");
        }
        var checks = new Checks();
        if (!Checks.same(allowed, old)) {
            checks.add(FieldError.forbidden(
                    "spec",
                    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound"
                            + " claims"));
        }
        return checks.errors();
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Column.of(
                        "Status",
                        (o, now) -> Meta.isBeingDeleted(o)
                                ? "Terminating"
                                : o.path("status").path("phase").asText("")),
                Printers.text("Volume", "spec.volumeName"),
                Column.of(
                        "Capacity",
                        (o, now) -> o.path("spec").hasNonNull("volumeName")
                                ? Checks.at(o, "status.capacity.storage").asText("")
                                : ""),
                Column.of(
                        "Access Modes",
                        (o, now) -> o.path("spec").hasNonNull("volumeName")
                                ? Printers.accessModes(o.path("status").path("accessModes"))
                                : ""),
                Printers.text("StorageClass", "spec.storageClassName"),
                Printers.text("VolumeAttributesClass", "spec.volumeAttributesClassName", Printers.UNSET),
                Printers.AGE,
                Printers.text("VolumeMode", "spec.volumeMode", Printers.UNSET).wide());
    }
}
