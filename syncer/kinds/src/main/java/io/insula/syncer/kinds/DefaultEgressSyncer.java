package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpecBuilder;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.Optional;

/// What a tenant's pods may not do: reach other tenants' pods, the host's API server, Services and nodes, and the
/// metadata services of its cloud. It leads to the tenant's own pods and API server, to resolvers, and out of the
/// host cluster, from pods that no egress policy of the tenant's is for ([InsulaLabels#OPEN_EGRESS]).
@Singleton
final class DefaultEgressSyncer extends DefaultPolicy {

    DefaultEgressSyncer() {
        super("DefaultEgress");
    }

    @Override
    Optional<NetworkPolicySpec> policy(String namespace, TenantView view) {
        return HostNetwork.of(view).map(network -> {
            var peers = new PolicyPeers(view, network, namespace);
            var pods = peers.pods(null);
            pods.getMatchLabels().put(InsulaLabels.OPEN_EGRESS, "true");
            return new NetworkPolicySpecBuilder()
                    .withPodSelector(pods)
                    .withPolicyTypes("Egress")
                    .withEgress(peers.egress(new NetworkPolicyEgressRule()))
                    .build();
        });
    }
}
