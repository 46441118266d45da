package io.insula.controlplane.service;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.HomeState;

/// Which host cluster this home's tenants are on: it is known by the uid of its namespace `kube-system`, whatever its
/// address. On another one the home has no tenants, and everything would look as if there never had been any.
///
/// @param change whether another one is meant
record HostIdentity(HomeState state, boolean change) {

    /// Before anything is written to the host.
    ///
    /// @throws HomeException when it is another one than so far, and that is not meant
    void require(KubernetesClient host) {
        Namespace system = host.namespaces().withName("kube-system").get();
        if (system == null) {
            throw new IllegalStateException("the host cluster has no namespace kube-system yet");
        }
        String uid = system.getMetadata().getUid();
        state.host().filter(known -> !known.equals(uid) && !change).ifPresent(known -> {
            throw new HomeException("the tenants of this home are on another host cluster (kube-system has uid " + known
                    + " there, " + uid + " here): give that one's kubeconfig with --host-kubeconfig, or add"
                    + " --change-host to leave them behind; nothing was changed");
        });
        state.rememberHost(uid);
    }
}
