package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpecBuilder;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.Optional;

/// What no policy opens is closed, in both directions.
@Singleton
final class DefaultClosedSyncer extends DefaultPolicy {

    DefaultClosedSyncer() {
        super("DefaultClosed");
    }

    @Override
    Optional<NetworkPolicySpec> policy(String namespace, TenantView view) {
        return Optional.of(new NetworkPolicySpecBuilder()
                .withPodSelector(PolicyPeers.pods(null, namespace, view.names()))
                .withPolicyTypes("Ingress", "Egress")
                .build());
    }
}
