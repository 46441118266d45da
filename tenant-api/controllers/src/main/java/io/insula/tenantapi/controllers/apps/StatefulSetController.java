package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Claims;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/// Keeps stateful sets: [StatefulSync] moves the pods, [Revisions] the history, this the status.
/// Source: kubernetes, `pkg/controller/statefulset`.
final class StatefulSetController implements Controller {

    private final ObjectClient client;
    private final Clock clock;
    private final EventRecorder events;
    private final Store sets;
    private final Store pods;
    private final Claims claims;
    private final StatefulClaims volumes;
    private final Revisions revisions;
    private final StatusWriter statuses;

    private StatefulSetController(ControllerContext context) {
        this.client = context.client();
        this.clock = context.clock();
        this.events = context.events();
        this.sets = context.store(Resources.STATEFUL_SETS);
        this.pods = context.store(Resources.PODS);
        this.claims = new Claims(client, Resources.STATEFUL_SETS, Resources.PODS);
        this.volumes = new StatefulClaims(client, events, context.store(Resources.PERSISTENT_VOLUME_CLAIMS));
        this.revisions = new Revisions(
                client,
                context.store(Resources.CONTROLLER_REVISIONS),
                Resources.STATEFUL_SETS,
                "controller.kubernetes.io/hash");
        this.statuses = new StatusWriter(client, Resources.STATEFUL_SETS);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "statefulset-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new StatefulSetController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.STATEFUL_SETS)
                .watch(Resources.PODS, this::setsOf)
                .watch(Resources.PERSISTENT_VOLUME_CLAIMS, this::setOfGoneClaim)
                .watch(Resources.CONTROLLER_REVISIONS, StatefulSetController::setOfGoneRevision)
                .workers(5);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = sets.get(key);
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        ObjectNode set = found.get();
        List<ObjectNode> candidates = pods.inNamespace(key.namespace()).stream()
                .filter(pod -> StatefulPods.ordinal(set, pod).isPresent())
                .toList();
        List<ObjectNode> mine = claims.claim(set, candidates, pod -> true);
        Revisions.History history = revisions.of(set);
        ObjectNode current = revisions
                .named(history, set.path("status").path("currentRevision").asText(""))
                .orElse(history.newest());
        try {
            if (!Meta.isBeingDeleted(set)) {
                new StatefulSync(client, events, volumes, set, mine, current, history.newest(), clock.instant()).run();
            }
        } finally {
            statuses.write(set, status(set, mine, current, history));
        }
        var needed = new HashSet<String>(List.of(Meta.name(current), Meta.name(history.newest())));
        mine.forEach(pod -> needed.add(StatefulPods.revision(pod)));
        revisions.truncate(set, history, revision -> needed.contains(Meta.name(revision)));
        return lookAgain(set, mine);
    }

    private ObjectNode status(ObjectNode set, List<ObjectNode> mine, ObjectNode current, Revisions.History history) {
        Instant now = clock.instant();
        String present = Meta.name(current);
        String next = Meta.name(history.newest());
        ObjectNode status = StatusWriter.statusOf(set);
        long ready = mine.stream().filter(StatefulPods::isRunningAndReady).count();
        long onCurrent = count(mine, present);
        long onNext = count(mine, next);
        status.set("observedGeneration", Json.number(Meta.generation(set)));
        status.put("replicas", mine.size());
        StatusWriter.count(status, "readyReplicas", ready);
        status.set(
                "availableReplicas",
                Json.number(mine.stream()
                        .filter(pod -> StatefulPods.isAvailable(set, pod, now))
                        .count()));
        int wanted = WorkloadView.of(set).replicas();
        boolean rolling =
                set.path("spec").path("updateStrategy").path("type").asText().equals("RollingUpdate");
        boolean complete = rolling && onNext == wanted && ready == wanted && mine.size() == wanted;
        StatusWriter.count(status, "currentReplicas", complete ? onNext : onCurrent);
        StatusWriter.count(status, "updatedReplicas", onNext);
        status.put("currentRevision", complete ? next : present);
        status.put("updateRevision", next);
        status.put("collisionCount", history.collisionCount());
        return status;
    }

    private static long count(List<ObjectNode> mine, String revision) {
        return mine.stream()
                .filter(pod -> !Meta.isBeingDeleted(pod))
                .filter(pod -> StatefulPods.revision(pod).equals(revision))
                .count();
    }

    private Outcome lookAgain(ObjectNode set, List<ObjectNode> mine) {
        Instant now = clock.instant();
        return mine.stream()
                .filter(pod -> PodView.of(pod).isReady())
                .map(pod -> PodView.of(pod).availableIn(WorkloadView.of(set).minReadySeconds(), now))
                .filter(Duration::isPositive)
                .min(Duration::compareTo)
                .map(delay -> Outcome.after(delay, "minReadySeconds"))
                .orElse(Outcome.SETTLED);
    }

    private Collection<Key> setsOf(ObjectEvent event) {
        ObjectNode pod = event.object();
        Optional<Key> owner = owner(pod);
        if (owner.isPresent()) {
            return List.of(owner.get());
        }
        if (event instanceof ObjectEvent.Updated(var before, var _)
                && owner(before).isPresent()) {
            return List.of(owner(before).get());
        }
        return sets.inNamespace(Meta.namespace(pod)).stream()
                .filter(set -> LabelSelectors.matches(WorkloadView.of(set).selector(), Meta.labels(pod)))
                .map(Key::of)
                .toList();
    }

    /// A pod may wait for an earlier claim to go.
    private Collection<Key> setOfGoneClaim(ObjectEvent event) {
        if (!(event instanceof ObjectEvent.Deleted(var claim))) {
            return List.of();
        }
        return sets.inNamespace(Meta.namespace(claim)).stream()
                .filter(set -> !set.path("spec").path("volumeClaimTemplates").isEmpty())
                .filter(set -> Meta.name(claim).contains("-" + Meta.name(set) + "-"))
                .map(Key::of)
                .toList();
    }

    private static Collection<Key> setOfGoneRevision(ObjectEvent event) {
        return event instanceof ObjectEvent.Deleted(var revision)
                ? owner(revision).map(List::of).orElse(List.of())
                : List.of();
    }

    private static Optional<Key> owner(ObjectNode object) {
        return Owners.controllerName(object, "apps", "StatefulSet").map(name -> new Key(Meta.namespace(object), name));
    }
}
