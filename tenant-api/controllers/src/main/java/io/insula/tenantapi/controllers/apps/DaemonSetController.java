package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Backoff;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Claims;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Expectations;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Keeps a pod of each daemon set on each node that should have one: [DaemonSync] decides, [Revisions] keep the
/// history.
/// Source: kubernetes, `pkg/controller/daemon`.
final class DaemonSetController implements Controller {

    private static final Backoff REPLACE = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(15));

    private final Clock clock;
    private final EventRecorder events;
    private final PodWriter writer;
    private final Store sets;
    private final Store pods;
    private final Store nodes;
    private final Claims claims;
    private final Revisions revisions;
    private final StatusWriter statuses;
    private final Expectations expectations;
    private final Map<String, BackOff> backOffs = new ConcurrentHashMap<>();

    /// How long to wait until the next failed pod of one node may be replaced.
    private record BackOff(Instant last, int failures) {
        Instant end() {
            return failures == 0 ? last : last.plus(REPLACE.after(failures));
        }
    }

    private static final BackOff NO_FAILURE = new BackOff(Instant.EPOCH, 0);

    private DaemonSetController(ControllerContext context) {
        var client = context.client();
        this.clock = context.clock();
        this.events = context.events();
        this.writer = new PodWriter(client, events);
        this.sets = context.store(Resources.DAEMON_SETS);
        this.pods = context.store(Resources.PODS);
        this.nodes = context.store(Resources.NODES);
        this.claims = new Claims(client, Resources.DAEMON_SETS, Resources.PODS);
        this.revisions = new Revisions(
                client, context.store(Resources.CONTROLLER_REVISIONS), Resources.DAEMON_SETS, DaemonPods.HASH);
        this.statuses = new StatusWriter(client, Resources.DAEMON_SETS);
        this.expectations = new Expectations(clock);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "daemon-set-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new DaemonSetController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.DAEMON_SETS)
                .watch(Resources.PODS, this::setsOf)
                .watch(Resources.NODES, this::setsOfNode)
                .watch(Resources.CONTROLLER_REVISIONS, DaemonSetController::setOfGoneRevision)
                .workers(3);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = sets.get(key);
        if (found.isEmpty()) {
            expectations.forget(key);
            return Outcome.SETTLED;
        }
        ObjectNode set = found.get();
        if (!WorkloadView.of(set).isSelecting()) {
            events.warning(
                    set, "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
            return new Outcome.Terminal("SelectingAll", "the selector is empty");
        }
        if (Meta.isBeingDeleted(set)) {
            return Outcome.SETTLED;
        }
        Revisions.History history = revisions.of(set);
        String hash = DaemonPods.hash(history.newest());
        boolean current = expectations.satisfied(key);
        List<ObjectNode> mine = claims.claim(
                set, pods.inNamespace(key.namespace()), pod -> PodView.of(pod).isActive());
        var sync = new DaemonSync(set, nodes.list(), mine, hash, clock.instant());
        Duration wait = Duration.ZERO;
        RuntimeException failure = null;
        if (current) {
            DaemonSync.Plan plan = sync.manage();
            wait = backOff(set, plan);
            failure = apply(key, set, hash, plan);
            if (failure == null && isRolling(set) && expectations.satisfied(key)) {
                failure = apply(key, set, hash, sync.roll());
            }
        }
        writeStatus(set, sync.counts(), history.collisionCount());
        if (failure != null) {
            throw failure;
        }
        List<String> live = mine.stream().map(DaemonPods::hash).toList();
        revisions.truncate(
                set,
                history,
                revision -> DaemonPods.hash(revision).equals(hash) || live.contains(DaemonPods.hash(revision)));
        return lookAgain(set, mine, wait);
    }

    private static boolean isRolling(ObjectNode set) {
        return set.path("spec").path("updateStrategy").path("type").asText().equals("RollingUpdate");
    }

    /// Takes from the plan the failed pods whose nodes must wait, a kubelet that refuses a pod would refuse the next.
    ///
    /// @return when to look again; zero for not by itself
    private Duration backOff(ObjectNode set, DaemonSync.Plan plan) {
        Instant now = clock.instant();
        Duration wait = Duration.ZERO;
        for (ObjectNode pod : List.copyOf(plan.ended())) {
            String where = Meta.namespace(pod) + "/" + Meta.name(pod) + " on node "
                    + PodView.of(pod).nodeName();
            if (PodView.of(pod).phase().equals("Succeeded")) {
                events.normal(
                        set, "SucceededDaemonPod", "Found succeeded daemon pod " + where + ", will try to delete it");
                continue;
            }
            Duration left = backOffLeft(Meta.uid(set) + "/" + DaemonPods.node(pod), now);
            if (left.isPositive()) {
                plan.ended().remove(pod);
                wait = wait.isZero() || left.compareTo(wait) < 0 ? left : wait;
            } else {
                events.warning(set, "FailedDaemonPod", "Found failed daemon pod " + where + ", will try to kill it");
            }
        }
        return wait;
    }

    private Duration backOffLeft(String key, Instant now) {
        BackOff before = backOffs.getOrDefault(key, NO_FAILURE);
        if (now.isBefore(before.end())) {
            return Duration.between(now, before.end());
        }
        boolean fresh = now.isAfter(before.last().plus(REPLACE.longest().multipliedBy(2)));
        backOffs.put(key, new BackOff(now, fresh ? 1 : before.failures() + 1));
        return Duration.ZERO;
    }

    private @Nullable RuntimeException apply(Key key, ObjectNode set, String hash, DaemonSync.Plan plan) {
        RuntimeException failure = null;
        for (String node : plan.nodesInNeed()) {
            expectations.expectCreations(key, 1);
            try {
                writer.create(set, DaemonPods.podOn(set, hash, node));
            } catch (ApiException e) {
                expectations.created(key);
                if (PodWriter.namespaceIsGoing(e)) {
                    return null;
                }
                failure = e;
                break; // what one node refuses the next will, most likely
            }
        }
        var deletions = new ArrayList<>(plan.ended());
        deletions.addAll(plan.surplus());
        for (ObjectNode pod : deletions) {
            expectations.expectDeletion(key, Meta.uid(pod));
            try {
                if (!writer.delete(set, pod)) {
                    expectations.deleted(key, Meta.uid(pod));
                }
            } catch (ApiException e) {
                expectations.deleted(key, Meta.uid(pod));
                failure = e;
            }
        }
        return failure;
    }

    private void writeStatus(ObjectNode set, DaemonSync.Counts counts, int collisions) {
        ObjectNode status = StatusWriter.statusOf(set);
        status.put("desiredNumberScheduled", counts.desired());
        status.put("currentNumberScheduled", counts.current());
        status.put("numberMisscheduled", counts.misscheduled());
        status.put("numberReady", counts.ready());
        StatusWriter.count(status, "updatedNumberScheduled", counts.updated());
        StatusWriter.count(status, "numberAvailable", counts.available());
        StatusWriter.count(status, "numberUnavailable", (long) counts.desired() - counts.available());
        StatusWriter.count(status, "collisionCount", collisions);
        status.set("observedGeneration", Json.number(Meta.generation(set)));
        statuses.write(set, status);
    }

    private Outcome lookAgain(ObjectNode set, List<ObjectNode> mine, Duration wait) {
        Instant now = clock.instant();
        Optional<Duration> available = mine.stream()
                .filter(pod -> PodView.of(pod).isReady())
                .map(pod -> PodView.of(pod).availableIn(WorkloadView.of(set).minReadySeconds(), now))
                .filter(Duration::isPositive)
                .min(Duration::compareTo);
        if (wait.isPositive() && available.map(a -> wait.compareTo(a) < 0).orElse(true)) {
            return Outcome.after(wait, "the back-off of failed pods");
        }
        return available.map(delay -> Outcome.after(delay, "minReadySeconds")).orElse(Outcome.SETTLED);
    }

    private Collection<Key> setsOf(ObjectEvent event) {
        ObjectNode pod = event.object();
        Optional<Key> owner = owner(pod);
        if (owner.isPresent()) {
            observe(owner.get(), event);
            return List.of(owner.get());
        }
        return sets.inNamespace(Meta.namespace(pod)).stream()
                .filter(set -> LabelSelectors.matches(WorkloadView.of(set).selector(), Meta.labels(pod)))
                .map(Key::of)
                .toList();
    }

    private void observe(Key owner, ObjectEvent event) {
        ObjectNode pod = event.object();
        if (event instanceof ObjectEvent.Added) {
            expectations.created(owner);
        }
        if (event instanceof ObjectEvent.Deleted || Meta.isBeingDeleted(pod)) {
            expectations.deleted(owner, Meta.uid(pod));
        }
    }

    /// Heartbeats concern nobody; what a set may select or tolerate does.
    private Collection<Key> setsOfNode(ObjectEvent event) {
        if (event instanceof ObjectEvent.Updated(var before, var node)
                && Meta.labels(before).equals(Meta.labels(node))
                && before.path("spec").path("taints").equals(node.path("spec").path("taints"))) {
            return List.of();
        }
        return sets.list().stream().map(Key::of).collect(Collectors.toSet());
    }

    private static Collection<Key> setOfGoneRevision(ObjectEvent event) {
        return event instanceof ObjectEvent.Deleted(var revision)
                ? owner(revision).map(List::of).orElse(List.of())
                : List.of();
    }

    private static Optional<Key> owner(ObjectNode object) {
        return Owners.controllerName(object, "apps", "DaemonSet").map(name -> new Key(Meta.namespace(object), name));
    }
}
