package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.registry.AdmissionPlugin;
import java.util.List;
import java.util.Set;

/// Refuses what a Service of a tenant could take from others on the shared cluster: `externalIPs` would have
/// every node send the traffic for any address, also another tenant's, to this tenant's pods.
///
/// Source: CVE-2020-8554; Kubernetes documentation, "Admission Control", "DenyServiceExternalIPs" (a value that
/// is there already may stay, so that such a Service can still be changed and deleted).
final class ServiceAdmission implements AdmissionPlugin.Validating {

    private static final int ORDER = 10_001;

    @Override
    public PluginSpec spec() {
        return new PluginSpec("InsulaServices", ORDER, Set.of(Operation.CREATE, Operation.UPDATE));
    }

    @Override
    public void validate(Request request) {
        ObjectNode service = request.object();
        if (service == null
                || !request.resource().resource().equals("services")
                || !request.resource().group().isEmpty()) {
            return;
        }
        var wanted = service.path("spec").path("externalIPs");
        ObjectNode old = request.oldObject();
        boolean added = old == null
                || wanted.valueStream()
                        .anyMatch(ip -> old.path("spec")
                                .path("externalIPs")
                                .valueStream()
                                .noneMatch(ip::equals));
        if (!wanted.isEmpty() && added) {
            throw ApiException.invalid(
                    request.kind(),
                    request.name(),
                    List.of(FieldError.forbidden(
                            "spec.externalIPs",
                            "the addresses of the shared cluster's nodes and tenants are not free")));
        }
    }
}
