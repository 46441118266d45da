package io.insula.tenantapi.kinds.networking;

import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import jakarta.inject.Singleton;

@Singleton
final class NetworkPolicyKind implements ResourceKind {

    @Override
    public KindSpec spec() {
        return KindSpec.namespaced("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies")
                .shortNames("netpol")
                .withGeneration();
    }
}
