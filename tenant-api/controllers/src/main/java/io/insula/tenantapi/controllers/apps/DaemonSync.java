package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Decides which daemon pods to make and which to delete. Pure; made for one pass.
/// Source: kubernetes, `pkg/controller/daemon/daemon_controller.go` and `update.go`.
final class DaemonSync {

    private static final Comparator<ObjectNode> OLDEST_FIRST = Comparator.<ObjectNode>comparingInt(
                    pod -> PodView.of(pod).nodeName().isEmpty() ? 1 : 0)
            .<Instant>thenComparing(ReplicaSets::created)
            .thenComparing(Meta::name);

    private final ObjectNode set;
    private final Map<String, ObjectNode> nodes = new LinkedHashMap<>();
    private final Map<String, List<ObjectNode>> pods = new LinkedHashMap<>();
    private final String hash;
    private final Instant now;

    /// @param ended pods that have failed or succeeded and must be replaced
    /// @param surplus other pods that should not be
    record Plan(List<String> nodesInNeed, List<ObjectNode> ended, List<ObjectNode> surplus) {}

    /// @param desired nodes that should run a pod
    record Counts(int desired, int current, int misscheduled, int ready, int available, int updated) {}

    DaemonSync(ObjectNode set, Collection<ObjectNode> nodes, Collection<ObjectNode> pods, String hash, Instant now) {
        this.set = set;
        this.hash = hash;
        this.now = now;
        nodes.stream().sorted(Comparator.comparing(Meta::name)).forEach(node -> this.nodes.put(Meta.name(node), node));
        for (ObjectNode pod : pods) {
            if (!(Meta.isBeingDeleted(pod) && PodView.of(pod).isTerminal())) {
                this.pods
                        .computeIfAbsent(DaemonPods.node(pod), n -> new ArrayList<>())
                        .add(pod);
            }
        }
        this.pods.values().forEach(list -> list.sort(OLDEST_FIRST));
    }

    /// What keeps one pod on each node that should have one.
    Plan manage() {
        var plan = new Plan(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        nodes.forEach((name, node) -> manage(name, node, plan));
        pods.forEach((name, list) -> {
            if (!nodes.containsKey(name)) {
                // those bound to a node that is gone are for the pod garbage collector
                list.stream()
                        .filter(pod -> PodView.of(pod).nodeName().isEmpty() && !Meta.isBeingDeleted(pod))
                        .forEach(plan.surplus()::add);
            }
        });
        return plan;
    }

    private void manage(String name, ObjectNode node, Plan plan) {
        DaemonPods.Verdict verdict = DaemonPods.verdict(set, node);
        List<ObjectNode> here = pods.getOrDefault(name, List.of());
        if (verdict.run() && here.isEmpty()) {
            plan.nodesInNeed().add(name);
            return;
        }
        List<ObjectNode> living =
                here.stream().filter(pod -> !Meta.isBeingDeleted(pod)).toList();
        if (!verdict.stay()) {
            plan.surplus().addAll(living);
            return;
        }
        var running = new ArrayList<ObjectNode>();
        for (ObjectNode pod : living) {
            (PodView.of(pod).isTerminal() ? plan.ended() : running).add(pod);
        }
        if (running.size() > 1) {
            plan.surplus().addAll(maxSurge() == 0 ? running.subList(1, running.size()) : crowd(running));
        }
    }

    /// While surging two pods may share a node: a new one that is not available yet, an old one that still is ready.
    private List<ObjectNode> crowd(List<ObjectNode> running) {
        var tooMany = new ArrayList<ObjectNode>();
        ObjectNode fresh = null;
        ObjectNode old = null;
        for (ObjectNode pod : running) {
            if (isUpdated(pod) && fresh == null) {
                fresh = pod;
            } else if (!isUpdated(pod) && old == null) {
                old = pod;
            } else {
                tooMany.add(pod);
            }
        }
        if (fresh != null && old != null && (!PodView.of(old).isReady() || isAvailable(fresh))) {
            tooMany.add(old);
        }
        return tooMany;
    }

    /// What a rolling update does next. A node whose pod is missing, on its way out or not available counts against
    /// `maxUnavailable`, whatever template the pod is of; old pods that are not available are replaced at any time.
    Plan roll() {
        return maxSurge() == 0 ? rollByDeleting() : rollBySurging();
    }

    private Plan rollByDeleting() {
        int unavailable = 0;
        var replaceable = new ArrayList<ObjectNode>();
        var candidates = new ArrayList<ObjectNode>();
        for (String name : nodesThatCount()) {
            Pair pair = pair(name);
            if (!pair.clear() || (pair.old() == null) == (pair.fresh() == null)) {
                unavailable++; // being created or deleted already
            } else if (pair.fresh() != null) {
                unavailable += isAvailable(pair.fresh()) ? 0 : 1;
            } else if (pair.old() != null && isAvailable(pair.old())) {
                candidates.add(pair.old());
            } else if (pair.old() != null) {
                unavailable++;
                replaceable.add(pair.old());
            }
        }
        int room = Math.clamp(maxUnavailable() - unavailable, 0, candidates.size());
        replaceable.addAll(candidates.subList(0, room));
        return new Plan(List.of(), List.of(), replaceable);
    }

    private Plan rollBySurging() {
        int surging = 0;
        var done = new ArrayList<ObjectNode>();
        var allowed = new ArrayList<String>();
        var candidates = new ArrayList<String>();
        for (String name : nodesWithPods()) {
            Pair pair = pair(name);
            if (!pair.clear()) {
                surging++;
            } else if (pair.old() != null && pair.fresh() == null) {
                (isAvailable(pair.old()) ? candidates : allowed).add(name);
            } else if (pair.old() != null && pair.fresh() != null) {
                if (isAvailable(pair.fresh())) {
                    done.add(pair.old());
                } else {
                    surging++;
                }
            }
        }
        int room = Math.clamp(maxSurge() - surging, 0, candidates.size());
        allowed.addAll(candidates.subList(0, room));
        return new Plan(allowed, List.of(), done);
    }

    Counts counts() {
        int desired = 0;
        int current = 0;
        int misscheduled = 0;
        int ready = 0;
        int available = 0;
        int updated = 0;
        for (Map.Entry<String, ObjectNode> node : nodes.entrySet()) {
            boolean run = DaemonPods.verdict(set, node.getValue()).run();
            Optional<ObjectNode> oldest =
                    pods.getOrDefault(node.getKey(), List.of()).stream().findFirst();
            desired += run ? 1 : 0;
            misscheduled += !run && oldest.isPresent() ? 1 : 0;
            if (!run || oldest.isEmpty()) {
                continue;
            }
            current++;
            ready += PodView.of(oldest.get()).isReady() ? 1 : 0;
            available += isAvailable(oldest.get()) ? 1 : 0;
            updated += isUpdated(oldest.get()) ? 1 : 0;
        }
        return new Counts(desired, current, misscheduled, ready, available, updated);
    }

    /// The two pods that a node may have during an update.
    ///
    /// @param clear false where there are more
    private record Pair(
            @Nullable ObjectNode fresh, @Nullable ObjectNode old, boolean clear) {}

    private Pair pair(String node) {
        ObjectNode fresh = null;
        ObjectNode old = null;
        for (ObjectNode pod : pods.getOrDefault(node, List.of())) {
            if (Meta.isBeingDeleted(pod)) {
                continue;
            }
            if (isUpdated(pod)) {
                if (fresh != null) {
                    return new Pair(fresh, old, false);
                }
                fresh = pod;
            } else {
                if (old != null) {
                    return new Pair(fresh, old, false);
                }
                old = pod;
            }
        }
        return new Pair(fresh, old, true);
    }

    /// Those with pods, and those that should have one.
    private SortedSet<String> nodesThatCount() {
        var names = new TreeSet<>(pods.keySet());
        nodes.forEach((name, node) -> {
            if (DaemonPods.verdict(set, node).run()) {
                names.add(name);
            }
        });
        return names;
    }

    private List<String> nodesWithPods() {
        return pods.keySet().stream().sorted().toList();
    }

    private boolean isUpdated(ObjectNode pod) {
        return DaemonPods.hash(pod).equals(hash);
    }

    private boolean isAvailable(ObjectNode pod) {
        return PodView.of(pod).isAvailable(WorkloadView.of(set).minReadySeconds(), now);
    }

    private int desired() {
        return (int) nodes.values().stream()
                .filter(node -> DaemonPods.verdict(set, node).run())
                .count();
    }

    private int maxSurge() {
        JsonNode rolling = rolling();
        return rolling.has("maxSurge") ? RolloutMath.resolve(rolling.path("maxSurge"), desired(), true) : 0;
    }

    /// At least one where neither is given: else nothing could ever move.
    private int maxUnavailable() {
        JsonNode value = rolling().path("maxUnavailable");
        int resolved = value.isMissingNode() ? 1 : RolloutMath.resolve(value, desired(), true);
        return resolved == 0 && maxSurge() == 0 ? 1 : resolved;
    }

    private JsonNode rolling() {
        JsonNode strategy = set.path("spec").path("updateStrategy");
        return strategy.path("type").asText().equals("RollingUpdate")
                ? strategy.path("rollingUpdate")
                : strategy.path("none");
    }
}
