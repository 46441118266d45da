package io.insula.tenantapi.controllers.node;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Removes pods that no kubelet will: on nodes that are gone (after forty seconds, a node may be on its way
/// back), going but never scheduled, on nodes declared out of service, and the oldest ended ones where there
/// are more than 12,500.
/// Source: kubernetes, `pkg/controller/podgc`.
final class PodGarbageCollector implements Controller {

    private static final Duration QUARANTINE = Duration.ofSeconds(40);
    private static final int MOST_ENDED = 12_500;

    /// Ended pods are counted at every so many ends.
    private static final int EVERY = 100;

    private static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

    private final ControllerContext context;
    private final ObjectClient client;
    private final Clock clock;
    private final Store pods;
    private final Store nodes;
    private final Disruptions disruptions;
    private final AtomicInteger ends = new AtomicInteger();
    private final Map<String, Instant> missing = new ConcurrentHashMap<>();

    private PodGarbageCollector(ControllerContext context) {
        this.context = context;
        this.client = context.client();
        this.clock = context.clock();
        this.pods = context.store(Resources.PODS);
        this.nodes = context.store(Resources.NODES);
        this.disruptions = new Disruptions(client);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "pod-garbage-collector";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new PodGarbageCollector(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.watching(Resources.PODS, this::podChanged).watch(Resources.NODES, this::podsOfNode);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = pods.get(key);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode pod = found.get();
        Instant now = clock.instant();
        String node = PodView.of(pod).nodeName();
        if (node.isEmpty()) {
            if (Meta.isBeingDeleted(pod)) {
                force(pod);
            }
            return Outcome.SETTLED;
        }
        Optional<ObjectNode> there = nodes.get(Key.cluster(node));
        if (there.isEmpty()) {
            return orphaned(pod, node, now);
        }
        missing.remove(node);
        if (Meta.isBeingDeleted(pod) && isOutOfService(there.get())) {
            String message = "PodGC: node out-of-service";
            disruptions.end(pod, "DeletionByPodGC", message, true, true, now);
        }
        return Outcome.SETTLED;
    }

    private Outcome orphaned(ObjectNode pod, String node, Instant now) {
        Instant since = missing.computeIfAbsent(node, n -> now);
        Duration left = Duration.between(now, since.plus(QUARANTINE));
        if (left.isPositive()) {
            return Outcome.after(left, "the node to come back");
        }
        if (client.get(Resources.NODES, "", node).isEmpty()) {
            disruptions.end(pod, "DeletionByPodGC", "PodGC: node no longer exists", true, true, now);
        }
        return Outcome.SETTLED;
    }

    private void force(ObjectNode pod) {
        try {
            client.delete(
                    Resources.PODS,
                    Meta.namespace(pod),
                    Meta.name(pod),
                    PodWriter.onlyIf(pod).put("gracePeriodSeconds", 0));
        } catch (ApiException e) {
            if (!PodWriter.isGone(e)) {
                throw e;
            }
        }
    }

    private static boolean isOutOfService(ObjectNode node) {
        boolean tainted = node.path("spec")
                .path("taints")
                .valueStream()
                .anyMatch(taint -> taint.path("key").asText().equals(OUT_OF_SERVICE));
        return tainted && !Condition.isTrue(node, "Ready");
    }

    private Collection<Key> podChanged(ObjectEvent event) {
        ObjectNode pod = event.object();
        if (event instanceof ObjectEvent.Updated(var before, var _)) {
            if (!PodView.of(before).isTerminal()
                    && PodView.of(pod).isTerminal()
                    && ends.incrementAndGet() % EVERY == 0) {
                context.later(Duration.ZERO, this::thinOut);
            }
            boolean same = PodView.of(before).nodeName().equals(PodView.of(pod).nodeName())
                    && Meta.isBeingDeleted(before) == Meta.isBeingDeleted(pod);
            return same ? List.of() : List.of(Key.of(pod));
        }
        return event instanceof ObjectEvent.Added ? List.of(Key.of(pod)) : List.of();
    }

    private Collection<Key> podsOfNode(ObjectEvent event) {
        String name = Meta.name(event.object());
        if (event instanceof ObjectEvent.Added) {
            missing.remove(name);
        }
        boolean matters = event instanceof ObjectEvent.Deleted || isOutOfService(event.object());
        if (!matters) {
            return List.of();
        }
        return pods.list().stream()
                .filter(pod -> PodView.of(pod).nodeName().equals(name))
                .map(Key::of)
                .toList();
    }

    private void thinOut() {
        var ended = new ArrayList<ObjectNode>();
        for (ObjectNode pod : pods.list()) {
            if (PodView.of(pod).isTerminal() && !Meta.isBeingDeleted(pod)) {
                ended.add(pod);
            }
        }
        if (ended.size() > MOST_ENDED) {
            ended.sort(Comparator.comparing((JsonNode pod) ->
                    pod.path("metadata").path("creationTimestamp").asText()));
            ended.subList(0, ended.size() - MOST_ENDED).forEach(this::force);
        }
    }
}
