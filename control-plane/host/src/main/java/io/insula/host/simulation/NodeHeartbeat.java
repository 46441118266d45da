package io.insula.host.simulation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Registers the simulated nodes, anew where their labels or the taint of simulated ones are no longer what they were
/// declared with, and renews their leases every ten seconds, as kubelets do. Keys are node names. A node
/// that is deleted comes back with the next heartbeat.
final class NodeHeartbeat implements Controller {

    private static final DateTimeFormatter MICRO_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT);
    private static final Duration RENEW = Duration.ofSeconds(10);
    private static final int LEASE_SECONDS = 40;
    private static final String LEASES = "kube-node-lease";

    private final ObjectClient client;
    private final Clock clock;
    private final Map<String, SimulatedNode> nodes;

    private NodeHeartbeat(ControllerContext context, List<SimulatedNode> nodes) {
        this.client = context.client();
        this.clock = context.clock();
        this.nodes = nodes.stream().collect(Collectors.toMap(SimulatedNode::name, Function.identity()));
        this.nodes
                .keySet()
                .forEach(name ->
                        context.later(Duration.ZERO, () -> context.enqueueAfter(Key.cluster(name), Duration.ZERO)));
    }

    record Factory(List<SimulatedNode> nodes) implements ControllerFactory {
        @Override
        public String name() {
            return "simulated-nodes";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new NodeHeartbeat(context, nodes);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(
                Resources.NODES,
                event -> event instanceof ObjectEvent.Deleted(var node) && nodes.containsKey(Meta.name(node))
                        ? List.of(Key.of(node))
                        : List.of());
    }

    @Override
    public Outcome reconcile(Key key) {
        SimulatedNode node = nodes.get(key.name());
        if (node == null) {
            return Outcome.SETTLED;
        }
        Instant now = clock.instant();
        Optional<ObjectNode> current = client.get(Resources.NODES, "", node.name());
        if (current.isEmpty()) {
            client.create(Resources.NODES, "", node.object(now));
            writeStatus(node, Json.object(), now);
        } else {
            node.registration(current.get())
                    .ifPresent(patch -> client.mergePatch(Resources.NODES, "", node.name(), "", patch));
            if (!Condition.isTrue(current.get(), "Ready")) {
                writeStatus(node, Statuses.of(current.get()), now);
            }
        }
        renewLease(node, now);
        return Outcome.after(RENEW, "the next heartbeat");
    }

    private void writeStatus(SimulatedNode node, ObjectNode before, Instant now) {
        client.mergePatch(Resources.NODES, "", node.name(), "status", Statuses.patch(node.status(before, now)));
    }

    private void renewLease(SimulatedNode node, Instant now) {
        ObjectNode spec = Json.object()
                .put("holderIdentity", node.name())
                .put("leaseDurationSeconds", LEASE_SECONDS)
                .put("renewTime", microTime(now));
        ObjectNode patch = Json.object();
        patch.set("spec", spec);
        try {
            client.mergePatch(Resources.LEASES, LEASES, node.name(), "", patch);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
            ObjectNode lease = patch.put("apiVersion", "coordination.k8s.io/v1").put("kind", "Lease");
            lease.putObject("metadata").put("name", node.name()).put("namespace", LEASES);
            client.create(Resources.LEASES, LEASES, lease);
        }
    }

    /// RFC 3339 with exactly six fraction digits, as `MicroTime` has it.
    static String microTime(Instant instant) {
        return MICRO_TIME.format(instant.atOffset(ZoneOffset.UTC));
    }
}
