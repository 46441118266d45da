package io.insula.tenantapi.kinds.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

@Singleton
final class CsiDriverKind implements StoredKind {

    private static final KindSpec SPEC =
            KindSpec.cluster("storage.k8s.io", "v1", "CSIDriver", "csidrivers").noUnconditionalUpdate();

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public void applyDefaults(ObjectNode object) {
        ObjectNode spec = Fields.object(object, "spec");
        Fields.defaultTo(spec, "attachRequired", true);
        Fields.defaultTo(spec, "podInfoOnMount", false);
        Fields.defaultTo(spec, "storageCapacity", false);
        Fields.defaultTo(spec, "requiresRepublish", false);
        Fields.defaultTo(spec, "seLinuxMount", false);
        Fields.defaultText(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
        if (spec.path("volumeLifecycleModes").isEmpty()) {
            spec.putArray("volumeLifecycleModes").add("Persistent");
        }
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks()
                .immutable(wanted, current, "spec.attachRequired")
                .immutable(wanted, current, "spec.volumeLifecycleModes")
                .errors();
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.bool("AttachRequired", "spec.attachRequired"),
                Printers.bool("PodInfoOnMount", "spec.podInfoOnMount"),
                Printers.bool("StorageCapacity", "spec.storageCapacity"),
                Column.of("TokenRequests", (o, now) -> tokens(o)),
                Printers.bool("RequiresRepublish", "spec.requiresRepublish"),
                Column.of("Modes", (o, now) -> modes(o)),
                Printers.AGE);
    }

    private static String tokens(JsonNode driver) {
        var all = new ArrayList<String>();
        driver.path("spec")
                .path("tokenRequests")
                .forEach(r -> all.add(r.path("audience").asText()));
        return all.isEmpty() ? Printers.UNSET : String.join(",", all);
    }

    private static String modes(JsonNode driver) {
        var all = Fields.texts(driver.path("spec").path("volumeLifecycleModes"));
        return all.isEmpty() ? Printers.NONE : String.join(",", all);
    }
}
