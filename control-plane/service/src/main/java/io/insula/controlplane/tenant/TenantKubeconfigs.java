package io.insula.controlplane.tenant;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.Kubeconfig;
import java.time.Duration;
import java.util.List;

/// Issues kubeconfigs for tenants that run here, signed by the tenant's own authority. Thread-safe; keeps nothing of
/// what it issued.
final class TenantKubeconfigs {

    private static final Duration SYNCERS_LIFE = Duration.ofHours(24);

    private final TenantUnits units;

    TenantKubeconfigs(TenantUnits units) {
        this.units = units;
    }

    /// For people, who reach the tenant where everybody does.
    ///
    /// @throws IllegalStateException when the tenant does not run here
    IssuedKubeconfig issue(String tenant, String user, List<String> groups, Duration validity) {
        var runtime = units.running(tenant).runtime();
        return issue(tenant, runtime, runtime.endpoint(), user, groups, validity);
    }

    /// For the syncer, which reaches it on this machine; ends soon, so that what is stolen is soon worth nothing.
    ///
    /// @throws IllegalStateException when the tenant does not run here
    IssuedKubeconfig forSyncer(String tenant) {
        var runtime = units.running(tenant).runtime();
        return issue(
                tenant, runtime, runtime.localEndpoint(), ClusterPki.SYNCER, List.of(ClusterPki.SYNCER), SYNCERS_LIFE);
    }

    private static IssuedKubeconfig issue(
            String tenant,
            TenantRuntime runtime,
            String endpoint,
            String user,
            List<String> groups,
            Duration validity) {
        ClusterPki pki = runtime.pki();
        return new Kubeconfig(
                        Tenancy.hostNamespace(tenant),
                        endpoint,
                        pki.authority().certificatePem(),
                        user,
                        pki.issueUser(user, groups, validity))
                .issued();
    }
}
