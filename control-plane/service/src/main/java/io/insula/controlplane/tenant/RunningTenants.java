package io.insula.controlplane.tenant;

import io.insula.controlplane.pki.IssuedKubeconfig;
import java.time.Duration;
import java.util.List;

/// The tenants that run here. A port: what makes them run is the controller's business. Thread-safe.
public interface RunningTenants {

    /// Whether the tenant's server and etcd answer now.
    boolean isReady(String tenant);

    /// A new kubeconfig for a user of a running tenant.
    ///
    /// @throws IllegalStateException when the tenant does not run here
    IssuedKubeconfig kubeconfig(String tenant, String user, List<String> groups, Duration validity);
}
