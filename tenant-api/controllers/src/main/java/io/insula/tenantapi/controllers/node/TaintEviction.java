package io.insula.tenantapi.controllers.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Nodes;
import io.insula.tenantapi.view.PodView;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Ends pods on nodes with NoExecute taints that they do not tolerate, or no longer: a toleration may have a
/// time. Keys are pods. Source: kubernetes, `pkg/controller/tainteviction`.
final class TaintEviction implements Controller {

    private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    private final ObjectClient client;
    private final Clock clock;
    private final EventRecorder events;
    private final Store pods;
    private final Store nodes;
    private final Disruptions disruptions;
    private final Map<Key, Instant> tolerating = new ConcurrentHashMap<>();

    private TaintEviction(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.events = context.events();
        this.pods = context.store(Resources.PODS);
        this.nodes = context.store(Resources.NODES);
        this.disruptions = new Disruptions(client);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "taint-eviction-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new TaintEviction(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.PODS, TaintEviction::changed)
                .watch(Resources.NODES, this::podsOf)
                .workers(4);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = pods.get(key).filter(pod -> !Meta.isBeingDeleted(pod));
        List<JsonNode> taints = found.flatMap(
                        pod -> nodes.get(Key.cluster(PodView.of(pod).nodeName())))
                .map(TaintEviction::executing)
                .orElse(List.of());
        if (found.isEmpty() || taints.isEmpty()) {
            if (tolerating.remove(key) != null && found.isPresent()) {
                events.normal(found.get(), "TaintManagerEviction", "Cancelling deletion of Pod " + key);
            }
            return Outcome.SETTLED;
        }
        ObjectNode pod = found.get();
        Instant now = clock.instant();
        Duration may = tolerated(pod, taints);
        if (may.equals(FOREVER)) {
            tolerating.remove(key);
            return Outcome.SETTLED;
        }
        Instant since = tolerating.computeIfAbsent(key, k -> now);
        Duration left = Duration.between(now, Meta.after(since, may.toSeconds()));
        if (left.isPositive()) {
            return Outcome.after(left, "tolerationSeconds");
        }
        // asked live: the taint may have been lifted a moment ago
        boolean still = client.get(Resources.NODES, "", PodView.of(pod).nodeName())
                .map(node -> !executing(node).isEmpty())
                .orElse(false);
        if (still) {
            events.normal(pod, "TaintManagerEviction", "Marking for deletion Pod " + key);
            String message = "Taint manager: deleting due to NoExecute taint";
            disruptions.end(pod, "DeletionByTaintManager", message, false, false, now);
        }
        tolerating.remove(key);
        return Outcome.SETTLED;
    }

    /// How long a pod may stay: the shortest of the tolerations that let it, nothing where one taint has none.
    private static Duration tolerated(ObjectNode pod, List<JsonNode> taints) {
        Duration shortest = FOREVER;
        for (JsonNode taint : taints) {
            Optional<JsonNode> toleration = PodView.of(pod)
                    .spec()
                    .tolerations()
                    .valueStream()
                    .filter(t -> Nodes.tolerationMatches(t, taint))
                    .findFirst();
            if (toleration.isEmpty()) {
                return Duration.ZERO;
            }
            JsonNode seconds = toleration.get().path("tolerationSeconds");
            if (seconds.isNumber()) {
                Duration may = Duration.ofSeconds(Math.max(0, seconds.asLong()));
                shortest = may.compareTo(shortest) < 0 ? may : shortest;
            }
        }
        return shortest;
    }

    private static List<JsonNode> executing(JsonNode node) {
        return node.path("spec")
                .path("taints")
                .valueStream()
                .filter(taint -> taint.path("effect").asText().equals("NoExecute"))
                .toList();
    }

    private static Collection<Key> changed(ObjectEvent event) {
        ObjectNode pod = event.object();
        boolean same = event instanceof ObjectEvent.Updated(var before, var _)
                && PodView.of(before).nodeName().equals(PodView.of(pod).nodeName())
                && PodView.of(before)
                        .spec()
                        .tolerations()
                        .equals(PodView.of(pod).spec().tolerations());
        return same || PodView.of(pod).nodeName().isEmpty() ? List.of() : List.of(Key.of(pod));
    }

    private Collection<Key> podsOf(ObjectEvent event) {
        ObjectNode node = event.object();
        List<JsonNode> before = event instanceof ObjectEvent.Updated(var old, var _) ? executing(old) : List.of();
        if (before.equals(executing(node))) {
            return List.of();
        }
        return pods.list().stream()
                .filter(pod -> PodView.of(pod).nodeName().equals(Meta.name(node)))
                .map(Key::of)
                .toList();
    }
}
