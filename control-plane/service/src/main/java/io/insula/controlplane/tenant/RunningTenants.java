package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.IssuedKubeconfig;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The tenants that run here. A port: what makes them run is the controller's business. Thread-safe.
public interface RunningTenants {

    /// Whether the tenant's server and etcd answer now.
    boolean isReady(String tenant);

    /// Whether nothing of the tenant runs, and the first request wakes it.
    boolean isAsleep(String tenant);

    /// A new kubeconfig for a user of a tenant that runs or sleeps here.
    ///
    /// @throws IllegalStateException when it does neither
    IssuedKubeconfig kubeconfig(String tenant, String user, List<String> groups, Duration validity);

    /// What people were given of the tenant's kubeconfigs, the newest first, revoked ones too; whether it runs or not.
    List<Credential> issued(String tenant);

    /// From now on a kubeconfig of the tenant is worth nothing, also on connections that are open.
    ///
    /// @param serial of its certificate
    /// @throws IllegalArgumentException for what is no serial number
    Credential revoke(String tenant, String serial);

    /// Which of its kubeconfigs are good now and worth nothing once the change of its authority ends; none where it
    /// does not change, and of a tenant that neither runs nor sleeps here.
    List<Credential> outdated(String tenant);

    /// Its pods, as the tenant has them; empty while it does not run.
    Optional<List<ObjectNode>> pods(String tenant);

    /// Their backups, also of tenants that are gone.
    TenantBackups backups();
}
