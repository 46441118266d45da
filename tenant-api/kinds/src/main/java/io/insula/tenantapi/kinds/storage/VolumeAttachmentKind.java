package io.insula.tenantapi.kinds.storage;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;

@Singleton
final class VolumeAttachmentKind implements StoredKind {

    private static final KindSpec SPEC = KindSpec.cluster(
                    "storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments")
            .noUnconditionalUpdate()
            .withStatus(Set.of());

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    @Override
    public List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return new Checks().immutable(wanted, current, "spec").errors();
    }

    @Override
    public boolean returnsDeletedObject() {
        return true;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Printers.NAME,
                Printers.text("Attacher", "spec.attacher"),
                Printers.text("PV", "spec.source.persistentVolumeName"),
                Printers.text("Node", "spec.nodeName"),
                Printers.bool("Attached", "status.attached"),
                Printers.AGE);
    }
}
