package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec;
import io.insula.syncer.engine.SyncSpec.Direction;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantView;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A tenant's nodes are the host nodes that its profiles could place a pod on, and those that run its pods: labels,
/// taints, conditions, capacity and addresses as on the host, and beside them the labels, taints and cordon that the
/// tenant gives its own object, which hold for its own pods alone ([NodeChoice]). Nodes that a tenant made itself are
/// left alone.
@Singleton
final class NodeSyncer implements Syncer<Node> {

    private static final SyncSpec<Node> SPEC = new SyncSpec<>(
                    Kinds.NODE,
                    Direction.HOST_TO_TENANT,
                    true,
                    List.of(Kinds.NODE),
                    Map.of(SyncSpec.resource(Kinds.NODE), Set.of("get", "list", "watch")))
            .writing(Map.of(
                    SyncSpec.resource(Kinds.NODE),
                    Set.of("create", "patch", "delete"),
                    SyncSpec.resource(Kinds.NODE) + "/status",
                    Set.of("patch")));

    @Override
    public SyncSpec<Node> spec() {
        return SPEC;
    }

    @Override
    public List<Change> decide(SyncEvent<Node> event, TenantView view) {
        return switch (event) {
            case HostOnly<Node>(var host)
            when host instanceof Node node -> isSeen(node, view) ? apply(node, node, view) : List.of();
            case Paired<Node>(var tenant, var host)
            when host instanceof Node node ->
                isSeen(node, view) ? apply(tenant, node, view) : remove(tenant, "is of no use to the tenant any more");
            case TenantOnly<Node>(var tenant) -> remove(tenant, "host node is gone");
            case HostOnly<Node> _, Paired<Node> _ -> List.of();
        };
    }

    @Override
    public String hostName(String namespace, String name, NameMap names) {
        return name;
    }

    @Override
    public List<Reference> tenantObjectsOf(HasMetadata host, TenantView view) {
        var name = switch (host) {
            case Node node -> Kinds.name(node);
            default -> Workloads.nodeName(host);
        };
        boolean matters = !name.isEmpty()
                && (!(host instanceof Node node)
                        || isSeen(node, view)
                        || view.tenantObject(Kinds.NODE, "", name).isPresent());
        return matters ? List.of(new Reference("Node", "", name)) : List.of();
    }

    private static boolean isSeen(Node host, TenantView view) {
        return TenantNode.isUsable(host, view.profiles()) || runsPods(Kinds.name(host), view);
    }

    private static boolean runsPods(String node, TenantView view) {
        return view.hostObjects(Kinds.POD).stream().anyMatch(pod -> node.equals(Workloads.nodeName(pod)))
                || view.hostObjects(Kinds.MACHINE).stream()
                        .anyMatch(machine -> node.equals(Workloads.nodeName(machine)));
    }

    /// @param tenant as the tenant has it; the host's own where it has none yet
    private static List<Change> apply(Node tenant, Node host, TenantView view) {
        var meta = new NodeBuilder()
                .withNewMetadata()
                .withName(Kinds.name(host))
                .withLabels(host.getMetadata().getLabels())
                .addToLabels(InsulaLabels.MANAGED_BY, InsulaLabels.SYNCER)
                .addToAnnotations(InsulaLabels.HOST_TAINTS, TenantNode.markOf(host))
                .endMetadata();
        var spec = meta.withNewSpec()
                // where the host is not cordoned, this is the tenant's
                .withUnschedulable(TenantNode.isCordoned(host) ? true : null)
                .withTaints(TenantNode.merged(tenant, host))
                .endSpec()
                .build();
        var status = new NodeBuilder()
                .withNewMetadata()
                .withName(Kinds.name(host))
                .endMetadata()
                .withStatus(host.getStatus())
                .build();
        // the images on a node are other tenants' too
        if (status.getStatus() != null) {
            status = new NodeBuilder(status)
                    .editStatus()
                    .withImages(List.of())
                    .withVolumesAttached(List.of())
                    .withVolumesInUse(List.of())
                    .withConditions(conditions(host, view))
                    .addToAllocatable(OwnResources.added(tenant, host))
                    .endStatus()
                    .build();
        }
        return List.of(new ApplyToTenant(Kinds.NODE, spec, ""), new ApplyToTenant(Kinds.NODE, status, "status"));
    }

    /// What a node's watchers say may name others' pods.
    private static List<NodeCondition> conditions(Node host, TenantView view) {
        var words = HostTexts.words(host, Kinds.NODE.kind(), host, view);
        return host.getStatus().getConditions().stream()
                .map(each -> each.getMessage() == null
                        ? each
                        : new NodeConditionBuilder(each)
                                .withMessage(words.translate(each.getMessage()))
                                .build())
                .toList();
    }

    private static List<Change> remove(Node tenant, String reason) {
        return Kinds.isManaged(tenant) ? List.of(new DeleteFromTenant(Kinds.NODE, tenant, false, reason)) : List.of();
    }
}
