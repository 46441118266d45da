package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.service.ClusterIps;
import java.util.List;

/// A tenant's Services have the addresses that the host gives their counterparts: none at first, the syncer fills them in.
final class HostClusterIps implements ClusterIps {

    @Override
    public String allocate(JsonNode service, String requested, boolean dryRun) {
        if (requested.isEmpty()) {
            return "";
        }
        throw ApiException.invalid(
                Meta.kindOf(service),
                Meta.name(service),
                List.of(FieldError.invalid(
                        "spec.clusterIP", requested, "the shared cluster chooses the address; leave the field out")));
    }

    @Override
    public void release(String namespace, String name, String address) {
        // The host releases it with its own Service.
    }
}
