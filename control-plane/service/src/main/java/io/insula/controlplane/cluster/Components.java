package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.tenant.Clusters.Role;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The health of what runs beside an API server, as its tenant sees it under upstream's names.
final class Components {

    private Components() {}

    /// @param manager the cluster's controllers; null while they are being started
    static Map<String, Runnable> of(Role role, Supplier<@Nullable ClusterControllers> manager) {
        Runnable controllers = () -> requireStarted(manager.get());
        var all = new LinkedHashMap<String, Runnable>();
        all.put("controller-manager", controllers);
        all.put(
                "scheduler",
                switch (role) {
                    // the host's scheduler places the pods of all tenants
                    case Role.Guest(var _, var host, var _) -> () -> requireReady(host);
                    case Role.Host _ -> controllers;
                });
        return all;
    }

    private static void requireStarted(@Nullable ClusterControllers controllers) {
        if (controllers == null) {
            throw new IllegalStateException("not started yet");
        }
        controllers.requireWorking();
    }

    /// @throws io.fabric8.kubernetes.client.KubernetesClientException when the host does not answer, or is not ready
    private static void requireReady(KubernetesClient host) {
        host.raw("/readyz");
    }
}
