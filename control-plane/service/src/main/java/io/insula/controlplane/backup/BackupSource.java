package io.insula.controlplane.backup;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import java.nio.file.Path;
import java.util.List;

/// What there is of one tenant to back up.
///
/// @param resource its Tenant object, as the host has it
/// @param folder its own, with the folders `kept` in it
/// @param kept folders of files that belong to it beside its store: keys, what is known of kubeconfigs
/// @param store stays the caller's
public record BackupSource(String tenant, ObjectNode resource, Path folder, List<String> kept, EtcdSnapshots store) {

    public BackupSource {
        kept = List.copyOf(kept);
    }

    String uid() {
        return resource.path("metadata").path("uid").asText();
    }
}
