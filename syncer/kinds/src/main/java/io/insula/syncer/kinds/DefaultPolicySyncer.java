package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpecBuilder;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.Optional;

/// What other tenants' pods may not do: reach this tenant's. It admits the tenant's own pods and the world outside
/// the host cluster to pods that no ingress policy of the tenant's is for, told by the label [InsulaLabels#OPEN]:
/// policies add up, and this one must not open what the tenant closed.
@Singleton
final class DefaultPolicySyncer extends DefaultPolicy {

    DefaultPolicySyncer() {
        super("DefaultPolicy");
    }

    @Override
    Optional<NetworkPolicySpec> policy(String namespace, TenantView view) {
        return HostNetwork.of(view).map(network -> {
            var peers = new PolicyPeers(view, network, namespace);
            var pods = peers.pods(null);
            pods.getMatchLabels().put(InsulaLabels.OPEN, "true");
            return new NetworkPolicySpecBuilder()
                    .withPodSelector(pods)
                    .withPolicyTypes("Ingress")
                    .withIngress(peers.ingress(new NetworkPolicyIngressRule()))
                    .build();
        });
    }
}
