package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.host.scheduler.Fit.Question;
import io.insula.host.scheduler.Fit.Rules;
import io.insula.host.scheduler.Rejection.Cause;
import io.insula.reconcile.Outcome;
import io.insula.rules.preemption.Room;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Binds pods of scheduler `default-scheduler` to nodes, one at a time, the highest priority first. A pod that fits
/// nowhere says so in its PodScheduled condition and in an event, and is tried again when something changes that may
/// help it, after a back-off; pods of lower priority make room for it.
public final class Scheduler implements Controller {

    static final String NAME = "default-scheduler";

    /// In case nobody tells of a change.
    private static final Duration TRY_AGAIN = Duration.ofSeconds(60);

    private final Clock clock;
    private final Store pods;
    private final Store nodes;
    private final Store claims;
    private final Store volumes;
    private final Store classes;
    private final Store services;
    private final Store namespaces;
    private final Store budgets;
    private final SchedulerWrites writes;
    private final ClusterImage image = new ClusterImage();
    private final Attempts attempts = new Attempts();
    private final NodeImages images = new NodeImages();

    private Scheduler(ControllerContext context) {
        this.clock = context.clock();
        this.pods = context.store(Resources.PODS);
        this.nodes = context.store(Resources.NODES);
        this.claims = context.store(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.volumes = context.store(Resources.PERSISTENT_VOLUMES);
        this.classes = context.store(Resources.STORAGE_CLASSES);
        this.services = context.store(Resources.SERVICES);
        this.namespaces = context.store(Resources.NAMESPACES);
        this.budgets = context.store(Resources.POD_DISRUPTION_BUDGETS);
        this.writes = new SchedulerWrites(context.client(), context.events(), clock, pods);
    }

    /// For the manager of a cluster that schedules itself: the host.
    public static ControllerFactory factory() {
        return new Factory();
    }

    private static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return NAME;
        }

        @Override
        public Controller create(ControllerContext context) {
            return new Scheduler(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        var wakes = new Wakes(pods, image, attempts);
        return ControllerSpec.watching(Resources.PODS, wakes::onPod)
                .watch(Resources.NODES, wakes::onNode)
                .watch(Resources.PERSISTENT_VOLUME_CLAIMS, event -> wakes.claiming(event.object()))
                .watch(Resources.PERSISTENT_VOLUMES, event -> attempts.waitingFor(Set.of(Cause.VOLUMES)))
                .watch(Resources.STORAGE_CLASSES, event -> attempts.waitingFor(Set.of(Cause.VOLUMES)))
                .watch(Resources.NAMESPACES, wakes::onNamespace)
                .workers(1)
                .order(new ByPriority(this::priority));
    }

    private int priority(Key key) {
        return pods.get(key).map(PodTraits::priority).orElse(0);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = pods.get(key).filter(Wakes::waits);
        if (found.isEmpty()) {
            attempts.forget(key);
            return Outcome.SETTLED;
        }
        Duration pause = attempts.pause(key, clock.instant());
        return pause.isZero() ? schedule(found.get()) : Outcome.after(pause, "its back-off");
    }

    private Outcome schedule(ObjectNode pod) {
        long seen = attempts.seen();
        List<ObjectNode> all = nodes.list();
        var podVolumes = PodVolumes.of(pod, claims::get, volumes::get, classes::get, volumes::list);
        if (all.isEmpty()) {
            return unschedulable(pod, EnumSet.of(Cause.NODE), "no nodes available to schedule pods", "", seen);
        }
        if (!podVolumes.obstacle().isEmpty()) {
            String message = Messages.none(all.size(), podVolumes.obstacle()) + " " + Messages.notHelpful(all.size());
            return unschedulable(pod, EnumSet.of(Cause.VOLUMES), message, "", seen);
        }
        var cluster = Cluster.of(all, image.byNode(), image.opinionated(), this::namespaceLabels);
        var question = Question.of(pod, podVolumes, siblings(pod), image.nominated());
        Rules rules = question.rules(cluster);
        Fit fit = Fit.of(question, cluster, rules);
        if (fit.spots().isEmpty()) {
            return makeRoom(question, cluster, fit, seen);
        }
        return place(pod, podVolumes, best(pod, cluster, fit, rules));
    }

    private Map<String, String> namespaceLabels(String name) {
        return namespaces.get(Key.cluster(name)).map(Meta::labels).orElse(Map.of());
    }

    private Siblings siblings(ObjectNode pod) {
        return Siblings.of(ClusterImage.Placed.of(pod, ""), services.inNamespace(Meta.namespace(pod)));
    }

    /// Where room was made for it, else what suits best; of equals the first by name.
    private Spot best(ObjectNode pod, Cluster cluster, Fit fit, Rules rules) {
        List<Spot> feasible = fit.spots();
        String nominated = nominated(pod);
        Optional<Spot> kept =
                feasible.stream().filter(spot -> spot.name().equals(nominated)).findFirst();
        if (kept.isPresent() || feasible.size() == 1) {
            return kept.orElseGet(feasible::getFirst);
        }
        long[] scores = Scores.of(pod, feasible, rules.affinity(), rules.spread(), images.scores(pod, cluster.spots()));
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            boolean isBefore =
                    feasible.get(i).name().compareTo(feasible.get(best).name()) < 0;
            if (scores[i] > scores[best] || (scores[i] == scores[best] && isBefore)) {
                best = i;
            }
        }
        return feasible.get(best);
    }

    private Outcome place(ObjectNode pod, PodVolumes podVolumes, Spot spot) {
        if (!podVolumes.unbound().isEmpty()) {
            podVolumes
                    .placed(spot.node())
                    .orElse(Map.of())
                    .forEach((claim, volume) -> volume.ifPresentOrElse(
                            found -> writes.keep(found, claim), () -> writes.askForVolume(claim, spot.name())));
            return Outcome.after(TRY_AGAIN, "volumes for its claims");
        }
        image.assume(pod, spot.name());
        boolean bound = false;
        try {
            bound = writes.bind(pod, spot.name());
        } finally {
            if (!bound) {
                image.forget(pod);
                pods.get(Key.of(pod)).ifPresent(image::observe); // bound already, perhaps: its event may be in
            }
        }
        attempts.forget(Key.of(pod));
        return Outcome.SETTLED;
    }

    private Outcome makeRoom(Question question, Cluster cluster, Fit fit, long seen) {
        ObjectNode pod = question.pod();
        Set<Cause> causes = EnumSet.noneOf(Cause.class);
        fit.rejections().values().forEach(rejection -> causes.addAll(rejection.causes()));
        String message = Messages.none(fit.rejections().values());
        if (pod.path("spec").path("preemptionPolicy").asText("").equals("Never")) {
            return unschedulable(pod, causes, message + " " + Messages.NEVER, "", seen);
        }
        String nominated = nominated(pod);
        boolean areGoing = cluster.find(nominated).stream()
                .flatMap(spot -> Preemption.lower(spot, question).stream())
                .anyMatch(placed -> placed.traits().going());
        if (areGoing) {
            return unschedulable(pod, causes, message + " " + Messages.TERMINATING, nominated, seen);
        }
        Optional<Room<Placed>> room = Preemption.of(question, cluster, fit.rejections(), budgets.list());
        if (room.isEmpty()) {
            long helped = cluster.spots().stream()
                    .filter(spot -> Preemption.isHelped(spot, fit.rejections()))
                    .count();
            String why = Messages.noVictims(cluster.spots().size(), (int) helped);
            return unschedulable(pod, causes, message + " " + why, "", seen);
        }
        image.nominate(pod, room.get().node());
        Outcome outcome = unschedulable(pod, causes, message, room.get().node(), seen);
        writes.evict(room.get().victims(), pod);
        return outcome;
    }

    private static String nominated(ObjectNode pod) {
        return pod.path("status").path("nominatedNodeName").asText("");
    }

    /// @param seen before the pod was judged
    private Outcome unschedulable(
            ObjectNode pod, Collection<Cause> causes, String message, String nominated, long seen) {
        boolean changed = attempts.failed(Key.of(pod), causes, seen, clock.instant());
        writes.unschedulable(pod, message, nominated);
        return Outcome.after(changed ? attempts.pause(Key.of(pod), clock.instant()) : TRY_AGAIN, "a node that fits");
    }
}
