package io.insula.controlplane.nodes;

import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClass;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.api.model.node.v1.Scheduling;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.isolation.Profiles;
import io.insula.isolation.Sandbox;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Has the RuntimeClasses of the embedded host lead pods to nodes that can serve them. Whatever else somebody wrote
/// into them stays.
///
/// So a pod whose sandbox no node has waits with the scheduler's own words, instead of failing where it was put.
final class RuntimePlacement {

    private final KubernetesClient host;
    private final Profiles profiles;

    RuntimePlacement(KubernetesClient host, Profiles profiles) {
        this.host = host;
        this.profiles = profiles;
    }

    /// @param simulated handlers that only simulated nodes have, where these stand beside others: their pods
    /// tolerate it
    void lead(Set<String> simulated) {
        for (Sandbox sandbox : profiles.sandboxes()) {
            if (!sandbox.runtimeClassName().isEmpty()) {
                lead(sandbox.runtimeClassName(), simulated);
            }
        }
    }

    private void lead(String name, Set<String> simulated) {
        var resource = host.resources(RuntimeClass.class).withName(name);
        RuntimeClass current = resource.get();
        // whose it is, may have removed it
        if (current == null) {
            return;
        }
        RuntimeClass wanted = new RuntimeClassBuilder(current)
                .withScheduling(scheduling(current, simulated.contains(current.getHandler())))
                .build();
        if (!wanted.equals(current)) {
            host.resource(wanted).update();
        }
    }

    private static Scheduling scheduling(RuntimeClass current, boolean simulated) {
        Scheduling before = current.getScheduling() == null ? new Scheduling() : current.getScheduling();
        Map<String, String> selector = new HashMap<>();
        if (before.getNodeSelector() != null) {
            selector.putAll(before.getNodeSelector());
        }
        selector.put(NodeLabels.runtime(current.getHandler()), "true");
        var tolerations =
                new ArrayList<Toleration>(before.getTolerations() == null ? List.of() : before.getTolerations());
        Toleration ours = new TolerationBuilder()
                .withKey(SimulatedNodes.MARK)
                .withOperator("Exists")
                .withEffect("NoSchedule")
                .build();
        tolerations.remove(ours);
        if (simulated) {
            tolerations.add(ours);
        }
        return new Scheduling(selector, tolerations);
    }
}
