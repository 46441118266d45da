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
final class PersistentVolumeKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster("", "v1", "PersistentVolume", "persistentvolumes")
            .shortNames("pv")
            .withStatus();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        ObjectNode spec = Fields.object(object, "spec");
        Fields.defaultText(spec, "volumeMode", "Filesystem");
        Fields.defaultText(spec, "persistentVolumeReclaimPolicy", "Retain");
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
            checks.add(FieldError.required("spec.accessModes", ""));
        }
        if (!spec.path("capacity").hasNonNull("storage")) {
            checks.add(FieldError.required("spec.capacity", ""));
        }
        return checks.oneOf(spec, "spec", "persistentVolumeReclaimPolicy", "Delete", "Recycle", "Retain")
                .errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "spec.volumeMode").errors();
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.text("Capacity", "spec.capacity.storage"),
                Column.of(
                        "Access Modes",
                        (o, now) -> Printers.accessModes(o.path("spec").path("accessModes"))),
                Printers.text("Reclaim Policy", "spec.persistentVolumeReclaimPolicy"),
                Column.of(
                        "Status",
                        (o, now) -> Meta.isBeingDeleted(o)
                                ? "Terminating"
                                : o.path("status").path("phase").asText("")),
                Column.of("Claim", (o, now) -> claim(o.path("spec").path("claimRef"))),
                Printers.text("StorageClass", "spec.storageClassName"),
                Printers.text("VolumeAttributesClass", "spec.volumeAttributesClassName", Printers.UNSET),
                Printers.text("Reason", "status.reason"),
                Printers.AGE,
                Printers.text("VolumeMode", "spec.volumeMode", Printers.UNSET).wide());
    }

    private static String claim(JsonNode reference) {
        return reference.isObject()
                ? reference.path("namespace").asText() + "/"
                        + reference.path("name").asText()
                : "";
    }
}
