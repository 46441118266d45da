package io.insula.tenantapi.controllers.node;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Declares nodes unknown whose kubelet has neither renewed its lease nor reported for fifty seconds, and
/// their pods not ready. For clusters whose kubelets report themselves.
/// Source: kubernetes, `pkg/controller/nodelifecycle/node_lifecycle_controller.go`, monitorNodeHealth.
public final class NodeHealth implements Controller {

    private static final Duration GRACE = Duration.ofSeconds(50);
    private static final List<String> CONDITIONS = List.of("Ready", "MemoryPressure", "DiskPressure", "PIDPressure");
    private static final String LEASES = "kube-node-lease";

    private final ObjectClient client;
    private final Clock clock;
    private final EventRecorder events;
    private final Store nodes;
    private final Store leases;
    private final Store pods;
    private final StatusWriter statuses;
    private final StatusWriter podStatuses;

    private NodeHealth(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.events = context.events();
        this.nodes = context.store(Resources.NODES);
        this.leases = context.store(Resources.LEASES);
        this.pods = context.store(Resources.PODS);
        this.statuses = new StatusWriter(client, Resources.NODES);
        this.podStatuses = new StatusWriter(client, Resources.PODS);
    }

    /// For the managers of hosts.
    public static ControllerFactory factory() {
        return new Factory();
    }

    private record Factory() implements ControllerFactory {
        @Override
        public String name() {
            return "node-lifecycle-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new NodeHealth(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.NODES);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = nodes.get(key);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode node = found.get();
        if (Condition.of(node, "Ready").status().equals("Unknown")) {
            return Outcome.SETTLED; // its next report brings this key back
        }
        Instant now = clock.instant();
        Duration left = Duration.between(now, lastSign(node).plus(GRACE));
        if (left.isPositive()) {
            return Outcome.after(left, "a heartbeat");
        }
        // the caches may be behind: what is decided here costs pods their lives
        Optional<ObjectNode> live = client.get(Resources.NODES, "", key.name());
        Optional<ObjectNode> lease = client.get(Resources.LEASES, LEASES, key.name());
        if (live.isPresent() && !lastSign(live.get(), lease).plus(GRACE).isAfter(now)) {
            declareUnknown(live.get(), now);
        }
        return Outcome.after(GRACE, "a heartbeat");
    }

    private Instant lastSign(ObjectNode node) {
        return lastSign(node, leases.get(new Key(LEASES, Meta.name(node))));
    }

    private static Instant lastSign(ObjectNode node, Optional<ObjectNode> lease) {
        Instant born = Meta.created(node).orElse(Instant.EPOCH);
        Instant told = Meta.time(Condition.of(node, "Ready").tree().path("lastHeartbeatTime"))
                .orElse(born);
        Instant renewed =
                lease.flatMap(l -> Meta.time(l.path("spec").path("renewTime"))).orElse(born);
        return told.isAfter(renewed) ? told : renewed;
    }

    private void declareUnknown(ObjectNode node, Instant now) {
        ObjectNode status = StatusWriter.statusOf(node);
        for (String type : CONDITIONS) {
            boolean told = Condition.of(node, type).exists();
            Condition.set(
                    status,
                    type,
                    Condition.UNKNOWN,
                    told ? "NodeStatusUnknown" : "NodeStatusNeverUpdated",
                    told ? "Kubelet stopped posting node status." : "Kubelet never posted node status.",
                    now);
        }
        statuses.write(node, status);
        events.normal(node, "NodeNotReady", "Node " + Meta.name(node) + " status is now: NodeNotReady");
        for (ObjectNode pod : pods.list()) {
            if (PodView.of(pod).nodeName().equals(Meta.name(node))
                    && PodView.of(pod).isReady()) {
                ObjectNode podStatus = StatusWriter.statusOf(pod);
                Condition.in(podStatus, "Ready")
                        .edit(ready -> ready.put("status", "False").put("lastTransitionTime", Meta.timestamp(now)));
                podStatuses.write(pod, podStatus);
                events.warning(pod, "NodeNotReady", "Node is not ready");
            }
        }
    }
}
