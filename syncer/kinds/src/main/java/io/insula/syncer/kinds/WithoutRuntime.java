package io.insula.syncer.kinds;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.BindInTenant;
import io.insula.syncer.engine.TenantEvents;
import io.insula.syncer.engine.TenantView;
import io.insula.syncer.engine.Trees;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Pods of a RuntimeClass of the tenant's own whose handler no node has. As upstream such a pod is scheduled, and stays
/// on its node without a sandbox; nothing of it comes to the host. Pure.
///
/// Source: containerd, `internal/cri/server`, `GetSandboxRuntime` (what the runtime says); kubernetes,
/// `pkg/kubelet/kuberuntime`, `createPodSandbox` and `syncPod` (how a node tells it).
final class WithoutRuntime {

    private WithoutRuntime() {}

    /// Empty for every other pod, and while no node is there that it could be on.
    static Optional<List<Change>> told(Pod tenant, TenantView view) {
        var own = OwnRuntimeClass.of(tenant, view.tenantObjects(Kinds.RUNTIME_CLASS), view.profiles());
        if (!(own instanceof OwnRuntimeClass.Nobodys(var _, var handler))) {
            return Optional.empty();
        }
        String bound = Objects.requireNonNullElse(tenant.getSpec().getNodeName(), "");
        if (bound.isEmpty()) {
            var nodes = NodeChoice.nodes(tenant, view);
            return nodes.isEmpty()
                    ? Optional.empty()
                    : Optional.of(List.of(new BindInTenant(tenant, nodes.get(turn(tenant, nodes.size())))));
        }
        return TenantNode.all(view).stream()
                .filter(node -> node.name().equals(bound))
                .findFirst()
                .map(node -> withoutSandbox(tenant, node, handler, view));
    }

    private static int turn(Pod tenant, int nodes) {
        return Math.floorMod(Objects.hashCode(tenant.getMetadata().getUid()), nodes);
    }

    private static List<Change> withoutSandbox(Pod tenant, TenantNode node, String handler, TenantView view) {
        String since = PodNews.created(tenant, view).toString();
        var status = status(tenant, node, since);
        return Trees.contains(Trees.of(tenant.getStatus()), status)
                ? List.of()
                : List.of(
                        TenantEvents.warning(
                                tenant,
                                "FailedCreatePodSandBox",
                                "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox"
                                        + " runtime: no runtime for \"" + handler + "\" is configured",
                                since),
                        PodNews.status(tenant, status));
    }

    private static ObjectNode status(Pod tenant, TenantNode node, String since) {
        var status = Trees.object().put("phase", "Pending");
        var conditions = Conditions.none(status);
        conditions.add("PodReadyToStartContainers", false, since);
        conditions.add("Initialized", tenant.getSpec().getInitContainers().isEmpty(), since);
        conditions.add("Ready", false, since);
        conditions.add("ContainersReady", false, since);
        conditions.add("PodScheduled", true, since);
        String address = HostStatus.internalIp(node.tenant());
        if (!address.isEmpty()) {
            status.put("hostIP", address);
            status.putArray("hostIPs").addObject().put("ip", address);
        }
        if (!tenant.getSpec().getInitContainers().isEmpty()) {
            HostStatus.initContainers(tenant, "Pending", false, since, status.putArray(PodLists.INIT_STATUSES));
        }
        HostStatus.containers(
                tenant.getSpec().getContainers(), "Pending", false, since, status.putArray(PodLists.STATUSES));
        return status;
    }
}
