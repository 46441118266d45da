package io.insula.controlplane.tenant;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.pki.Kubeconfig;
import java.time.Duration;
import java.util.List;

/// Issues kubeconfigs for tenants that run here, signed by the tenant's own authority. Thread-safe; keeps nothing
/// itself: of what people get the runtime remembers that they have it.
final class TenantKubeconfigs {

    private static final Duration SYNCERS_LIFE = Duration.ofHours(24);

    private final TenantUnits units;

    TenantKubeconfigs(TenantUnits units) {
        this.units = units;
    }

    /// For people, who reach the tenant where everybody does; can be taken back.
    ///
    /// @throws IllegalStateException when the tenant neither runs nor sleeps here
    IssuedKubeconfig issue(String tenant, String user, List<String> groups, Duration validity) {
        return units.running(tenant).runtime().issue(Tenancy.hostNamespace(tenant), user, groups, validity);
    }

    /// For the syncer, which reaches it on this machine; ends soon, so that what is stolen is soon worth nothing.
    ///
    /// @throws IllegalStateException when the tenant does not run here
    IssuedKubeconfig forSyncer(String tenant) {
        var runtime = units.running(tenant).runtime();
        ClusterPki pki = runtime.pki();
        return new Kubeconfig(
                        Tenancy.hostNamespace(tenant),
                        runtime.localEndpoint(),
                        pki.trustPem(),
                        ClusterPki.SYNCER,
                        pki.issueUser(ClusterPki.SYNCER, List.of(ClusterPki.SYNCER), SYNCERS_LIFE))
                .issued();
    }
}
