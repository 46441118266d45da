package io.insula.tenantapi.kinds.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
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
final class StorageClassKind implements StoredKind {

    private static final Column DEFAULT_NAME = new Column(
            "Name",
            "string",
            "name",
            Printers.NAME.description(),
            0,
            (o, now) -> Meta.annotations(o)
                            .getOrDefault(WellKnownKeys.DEFAULT_STORAGE_CLASS, "")
                            .equals("true")
                    ? Meta.name(o) + " (default)"
                    : Meta.name(o));

    private static final KindSpec SPEC = KindSpec.cluster("storage.k8s.io", "v1", "StorageClass", "storageclasses")
            .shortNames("sc");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        Fields.defaultText(object, "reclaimPolicy", "Delete");
        Fields.defaultText(object, "volumeBindingMode", "Immediate");
    }

    @Override
    public List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return new Checks()
                .name(object.path("provisioner").asText(""), "provisioner", Checks::qualifiedName)
                .oneOf(object, "", "volumeBindingMode", "Immediate", "WaitForFirstConsumer")
                .errors();
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        var checks = new Checks();
        for (String field : List.of("parameters", "provisioner")) {
            if (!Checks.same(wanted.path(field), current.path(field))) {
                checks.add(FieldError.forbidden(field, "updates to " + field + " are forbidden."));
            }
        }
        if (!Checks.same(wanted.path("reclaimPolicy"), current.path("reclaimPolicy"))) {
            checks.add(FieldError.forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden."));
        }
        return checks.immutable(wanted, current, "volumeBindingMode").errors();
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                DEFAULT_NAME,
                Printers.text("Provisioner", "provisioner"),
                Printers.text("ReclaimPolicy", "reclaimPolicy"),
                Printers.text("VolumeBindingMode", "volumeBindingMode"),
                Printers.bool("AllowVolumeExpansion", "allowVolumeExpansion"),
                Printers.AGE);
    }
}
