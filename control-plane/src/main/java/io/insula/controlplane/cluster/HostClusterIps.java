package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.service.ClusterIps;

/// A tenant's Services have the addresses that the host gives their counterparts: none at first, the syncer writes them
/// in
/// later, and what it writes holds. Who else may ask for one is [ClusterIpAdmission]'s to say.
final class HostClusterIps implements ClusterIps {

    @Override
    public String allocate(JsonNode service, String requested, boolean dryRun) {
        return requested;
    }

    @Override
    public void release(String namespace, String name, String address) {
        // The host releases it with its own Service.
    }
}
