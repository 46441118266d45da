package io.insula.tenantapi.bootstrap;

import java.util.List;
import java.util.Map;

/// What the objects of one server need to know of it.
///
/// @param serviceIp the cluster IP of default/kubernetes, e.g. the first of the range; empty to take what the
///     allocator gives
/// @param serviceCidrs the service ranges; empty leaves out the ServiceCIDR object
/// @param endpointAddress the IP at which pods reach this server; empty leaves out Endpoints and EndpointSlice
/// @param endpointPort the port there, 1–65535
/// @param extensionAuthentication the data of kube-system/extension-apiserver-authentication: `client-ca-file`,
///     `requestheader-client-ca-file` …
public record BootstrapConfig(
        String serviceIp,
        List<String> serviceCidrs,
        String endpointAddress,
        int endpointPort,
        Map<String, String> extensionAuthentication) {
    public BootstrapConfig {
        serviceCidrs = List.copyOf(serviceCidrs);
        extensionAuthentication = Map.copyOf(extensionAuthentication);
        if (endpointPort < 1 || endpointPort > 65_535) {
            throw new IllegalArgumentException("endpointPort: " + endpointPort + " (expected: 1–65535)");
        }
    }
}
