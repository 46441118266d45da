package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.admission.AdmissionPlugin;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.auth.UserInfo;
import java.util.List;
import java.util.Set;

/// Refuses new Services that ask for an address of their own: the shared cluster gives it, and one that a tenant made
/// up
/// would lead nowhere, or to somebody else.
final class ClusterIpAdmission implements AdmissionPlugin.Validating {

    private static final int ORDER = 10_001;

    @Override
    public PluginSpec spec() {
        return new PluginSpec("InsulaClusterIp", ORDER, Set.of(Operation.CREATE));
    }

    @Override
    public void validate(Request request) {
        ObjectNode service = request.object();
        if (service == null
                || !request.resource().resource().equals("services")
                || !request.resource().group().isEmpty()
                || request.user().name().equals(UserInfo.loopback().name())) {
            return;
        }
        String wanted = service.path("spec").path("clusterIP").asText("");
        if (!wanted.isEmpty() && !wanted.equals("None")) {
            throw ApiException.invalid(
                    request.kind(),
                    request.name(),
                    List.of(FieldError.invalid(
                            "spec.clusterIP", wanted, "the shared cluster chooses the address; leave the field out")));
        }
    }
}
