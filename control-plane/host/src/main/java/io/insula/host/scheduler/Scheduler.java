package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.host.scheduler.Fit.Question;
import io.insula.host.scheduler.Fit.Rules;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Binds pods of scheduler `default-scheduler` to nodes, one at a time. A pod that fits nowhere says so in its
/// PodScheduled condition and in an event, and is tried again when a node or another pod changes, and every 30 s.
public final class Scheduler implements Controller {

    private static final String NAME = "default-scheduler";
    private static final Duration TRY_AGAIN = Duration.ofSeconds(30);

    private final Store pods;
    private final Store nodes;
    private final Store claims;
    private final Store volumes;
    private final Store classes;
    private final Store services;
    private final Store namespaces;
    private final SchedulerWrites writes;
    private final ClusterImage image = new ClusterImage();
    private final NodeImages images = new NodeImages();

    private Scheduler(ControllerContext context) {
        this.pods = context.store(Resources.PODS);
        this.nodes = context.store(Resources.NODES);
        this.claims = context.store(Resources.PERSISTENT_VOLUME_CLAIMS);
        this.volumes = context.store(Resources.PERSISTENT_VOLUMES);
        this.classes = context.store(Resources.STORAGE_CLASSES);
        this.services = context.store(Resources.SERVICES);
        this.namespaces = context.store(Resources.NAMESPACES);
        this.writes = new SchedulerWrites(context.client(), context.events(), context.clock(), pods);
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
        return ControllerSpec.watching(Resources.PODS, this::onPod)
                .watch(Resources.NODES, this::onNode)
                .watch(Resources.PERSISTENT_VOLUME_CLAIMS, event -> claiming(event.object()))
                .watch(Resources.PERSISTENT_VOLUMES, event -> waiting())
                .watch(Resources.STORAGE_CLASSES, event -> waiting())
                .watch(Resources.NAMESPACES, this::onNamespace)
                .workers(1);
    }

    @Override
    public Outcome reconcile(Key key) {
        Optional<ObjectNode> found = pods.get(key).filter(Scheduler::waits);
        return found.isEmpty() ? Outcome.SETTLED : schedule(found.get());
    }

    private Outcome schedule(ObjectNode pod) {
        List<ObjectNode> all = nodes.list();
        var podVolumes = PodVolumes.of(pod, claims::get, volumes::get, classes::get, volumes::list);
        if (all.isEmpty()) {
            writes.unschedulable(pod, "no nodes available to schedule pods", "");
            return Outcome.after(TRY_AGAIN, "nodes");
        }
        if (!podVolumes.obstacle().isEmpty()) {
            writes.unschedulable(pod, Messages.none(all.size(), podVolumes.obstacle()), "");
            return Outcome.after(TRY_AGAIN, "its claims");
        }
        var cluster = Cluster.of(all, image.byNode(), image.opinionated(), this::namespaceLabels);
        var question = Question.of(pod, podVolumes, siblings(pod), image.nominated());
        Rules rules = question.rules(cluster);
        Fit fit = Fit.of(question, cluster, rules);
        if (fit.spots().isEmpty()) {
            writes.unschedulable(pod, Messages.none(fit.rejections().values()), "");
            return Outcome.after(TRY_AGAIN, "a node that fits");
        }
        return place(pod, podVolumes, best(pod, cluster, fit, rules));
    }

    /// What suits best; of equals the first by name.
    private Spot best(ObjectNode pod, Cluster cluster, Fit fit, Rules rules) {
        List<Spot> feasible = fit.spots();
        if (feasible.size() == 1) {
            return feasible.getFirst();
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
        bind(pod, spot.name());
        return Outcome.SETTLED;
    }

    private Map<String, String> namespaceLabels(String name) {
        return namespaces.get(Key.cluster(name)).map(Meta::labels).orElse(Map.of());
    }

    private Siblings siblings(ObjectNode pod) {
        return Siblings.of(ClusterImage.Placed.of(pod, ""), services.inNamespace(Meta.namespace(pod)));
    }

    private void bind(ObjectNode pod, String node) {
        image.assume(pod, node);
        boolean bound = false;
        try {
            bound = writes.bind(pod, node);
        } finally {
            if (!bound) {
                image.forget(pod);
                pods.get(Key.of(pod)).ifPresent(image::observe); // bound already, perhaps: its event may be in
            }
        }
    }

    private static boolean waits(ObjectNode pod) {
        return PodView.of(pod).nodeName().isEmpty()
                && PodView.of(pod).isActive()
                && pod.path("spec").path("schedulingGates").isEmpty()
                && pod.path("spec").path("schedulerName").asText(NAME).equals(NAME);
    }

    private Collection<Key> onPod(ObjectEvent event) {
        ObjectNode pod = event.object();
        switch (event) {
            case ObjectEvent.Added(var added) -> image.observe(added);
            case ObjectEvent.Updated(var _, var updated) -> image.observe(updated);
            case ObjectEvent.Deleted(var deleted) -> image.forget(deleted);
        }
        boolean frees = !PodView.of(pod).nodeName().isEmpty()
                && (event instanceof ObjectEvent.Deleted || PodView.of(pod).isTerminal());
        if (frees) {
            return waiting();
        }
        return waits(pod) && !(event instanceof ObjectEvent.Deleted) && !onlyStatusChanged(event)
                ? List.of(Key.of(pod))
                : List.of();
    }

    private static boolean onlyStatusChanged(ObjectEvent event) {
        return event instanceof ObjectEvent.Updated(var before, var after)
                && before.path("spec").equals(after.path("spec"));
    }

    private Collection<Key> onNode(ObjectEvent event) {
        return event instanceof ObjectEvent.Updated(var before, var after) && sameForPods(before, after)
                ? List.of()
                : waiting();
    }

    private static boolean sameForPods(ObjectNode before, ObjectNode after) {
        return before.path("spec").equals(after.path("spec"))
                && Meta.labels(before).equals(Meta.labels(after))
                && before.path("status")
                        .path("allocatable")
                        .equals(after.path("status").path("allocatable"))
                && Condition.isTrue(before, "Ready") == Condition.isTrue(after, "Ready");
    }

    /// Terms of affinity select namespaces by their labels.
    private Collection<Key> onNamespace(ObjectEvent event) {
        return event instanceof ObjectEvent.Updated(var before, var after)
                        && Meta.labels(before).equals(Meta.labels(after))
                ? List.of()
                : waiting();
    }

    private List<Key> claiming(ObjectNode claim) {
        return pods.inNamespace(Meta.namespace(claim)).stream()
                .filter(pod -> waits(pod) && VolumeClaims.of(pod).contains(Meta.name(claim)))
                .map(Key::of)
                .toList();
    }

    private List<Key> waiting() {
        return pods.list().stream().filter(Scheduler::waits).map(Key::of).toList();
    }
}
