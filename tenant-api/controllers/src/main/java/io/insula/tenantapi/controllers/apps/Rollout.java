package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One pass over one deployment: its replica sets as they are and as this pass has changed them.
/// Confined to the reconciling thread. Source: kubernetes, `pkg/controller/deployment/{rolling,recreate,sync}.go`.
final class Rollout {

    private final ObjectNode deployment;
    private final DeploymentSets sets;
    private final RolloutMath.Limits limits;
    private final List<ObjectNode> old;
    private @Nullable ObjectNode newest;

    Rollout(ObjectNode deployment, List<ObjectNode> all, DeploymentSets sets) {
        this.deployment = deployment;
        this.sets = sets;
        this.limits = RolloutMath.limits(deployment);
        JsonNode template = WorkloadView.of(deployment).template();
        this.newest = all.stream()
                .filter(rs -> PodTemplates.equal(WorkloadView.of(rs).template(), template))
                .min(ReplicaSets.OLDEST_FIRST)
                .orElse(null);
        this.old = new ArrayList<>(all.stream()
                .filter(rs -> newest == null || !Meta.uid(rs).equals(Meta.uid(newest)))
                .sorted(ReplicaSets.OLDEST_FIRST)
                .toList());
    }

    @Nullable
    ObjectNode newest() {
        return newest;
    }

    List<ObjectNode> old() {
        return List.copyOf(old);
    }

    List<ObjectNode> all() {
        return newest == null
                ? List.copyOf(old)
                : Stream.concat(Stream.of(newest), old.stream()).toList();
    }

    /// Whether somebody changed `spec.replicas` since the sets were last sized.
    boolean wasScaled() {
        int wanted = WorkloadView.of(deployment).replicas();
        return all().stream()
                .filter(Rollout::hasPods)
                .anyMatch(rs -> ReplicaSets.number(rs, ReplicaSets.DESIRED, wanted) != wanted);
    }

    /// Raises the newest set's revision above the others', makes it where `mayCreate`.
    void ensureNewest(boolean mayCreate) {
        long revision = old.stream().mapToLong(ReplicaSets::revision).max().orElse(0) + 1;
        ObjectNode known = newest;
        if (known != null) {
            newest = sets.refresh(deployment, known, revision);
        } else if (mayCreate) {
            int size = RolloutMath.newReplicas(
                    WorkloadView.of(deployment).replicas(),
                    0,
                    ReplicaSets.sumReplicas(old),
                    limits,
                    RolloutMath.isRolling(deployment));
            newest = sets.create(deployment, revision, size);
        }
        if (newest != null) {
            sets.tellRevision(deployment, newest);
        }
    }

    /// One step of a rolling update: first the new set up, then old ones down.
    void roll() {
        if (growNewest()) {
            return;
        }
        shrinkOld();
    }

    /// Old pods first, all of them; then the new ones.
    void recreate(Collection<ObjectNode> pods) {
        if (old.stream().anyMatch(Rollout::hasPods)) {
            replaceOld(rs -> sets.scale(deployment, rs, 0));
            return;
        }
        if (oldPodsLeft(pods)) {
            return;
        }
        ensureNewest(true);
        growNewest();
    }

    /// Follows `spec.replicas` while no rollout step is due (paused, or just scaled).
    void resize() {
        int wanted = WorkloadView.of(deployment).replicas();
        List<ObjectNode> active = all().stream().filter(Rollout::hasPods).toList();
        if (active.size() <= 1) {
            ObjectNode only = active.isEmpty() ? newestOrLatest() : active.getFirst();
            if (only != null) {
                put(sets.scale(deployment, only, wanted));
            }
        } else if (isSaturated()) {
            replaceOld(rs -> sets.scale(deployment, rs, 0));
        } else if (RolloutMath.isRolling(deployment)) {
            resizeInProportion(active, wanted);
        }
    }

    private void resizeInProportion(List<ObjectNode> active, int wanted) {
        int allowed = wanted > 0 ? wanted + limits.maxSurge() : 0;
        int toAdd = allowed - ReplicaSets.sumReplicas(active);
        Comparator<ObjectNode> bySize =
                Comparator.comparingInt(rs -> -WorkloadView.of(rs).replicas());
        Comparator<ObjectNode> byAge = toAdd > 0 ? ReplicaSets.OLDEST_FIRST.reversed() : ReplicaSets.OLDEST_FIRST;
        List<ObjectNode> sorted =
                active.stream().sorted(bySize.thenComparing(byAge)).toList();
        int[] sizes = new int[sorted.size()];
        int added = 0;
        for (int i = 0; i < sizes.length; i++) {
            ObjectNode set = sorted.get(i);
            int size = WorkloadView.of(set).replicas();
            int before = (int) ReplicaSets.number(
                    set,
                    ReplicaSets.MAX,
                    deployment.path("status").path("replicas").asInt());
            int share = RolloutMath.proportion(size, wanted, limits.maxSurge(), before, toAdd, added);
            sizes[i] = size + share;
            added += share;
        }
        if (sizes.length > 0 && toAdd != 0) {
            sizes[0] = Math.max(0, sizes[0] + toAdd - added);
        }
        for (int i = 0; i < sizes.length; i++) {
            put(sets.scale(deployment, sorted.get(i), sizes[i]));
        }
    }

    private static boolean hasPods(ObjectNode set) {
        return WorkloadView.of(set).replicas() > 0;
    }

    private boolean growNewest() {
        ObjectNode set = newest;
        if (set == null) {
            return false;
        }
        int size = WorkloadView.of(set).replicas();
        int next = RolloutMath.newReplicas(
                WorkloadView.of(deployment).replicas(),
                size,
                ReplicaSets.sumReplicas(all()),
                limits,
                RolloutMath.isRolling(deployment));
        if (next != size) {
            newest = sets.scale(deployment, set, next);
        }
        return next != size;
    }

    private void shrinkOld() {
        ObjectNode set = newest;
        if (set == null || ReplicaSets.sumReplicas(old) == 0) {
            return;
        }
        int wanted = WorkloadView.of(deployment).replicas();
        int mayGo = RolloutMath.maxScaledDown(
                wanted,
                ReplicaSets.sumReplicas(all()),
                WorkloadView.of(set).replicas(),
                WorkloadView.of(set).availableReplicas(),
                limits);
        if (mayGo <= 0) {
            return;
        }
        removeUnhealthy(mayGo);
        int available = ReplicaSets.sumAvailable(all());
        removeHealthy(available - (wanted - limits.maxUnavailable()));
    }

    private void removeUnhealthy(int mayGo) {
        int[] left = {mayGo};
        replaceOld(rs -> {
            int size = WorkloadView.of(rs).replicas();
            int unhealthy = Math.min(left[0], size - WorkloadView.of(rs).availableReplicas());
            if (left[0] <= 0 || size == 0 || unhealthy <= 0) {
                return rs;
            }
            left[0] -= unhealthy;
            return sets.scale(deployment, rs, size - unhealthy);
        });
    }

    private void removeHealthy(int surplus) {
        int[] left = {surplus};
        replaceOld(rs -> {
            int size = WorkloadView.of(rs).replicas();
            int go = Math.min(left[0], size);
            if (go <= 0) {
                return rs;
            }
            left[0] -= go;
            return sets.scale(deployment, rs, size - go);
        });
    }

    private boolean oldPodsLeft(Collection<ObjectNode> pods) {
        ObjectNode current = newest;
        return pods.stream()
                .filter(pod -> !PodView.of(pod).isTerminal())
                .anyMatch(pod -> current == null || !Owners.isControlledBy(pod, current));
    }

    private boolean isSaturated() {
        ObjectNode set = newest;
        int wanted = WorkloadView.of(deployment).replicas();
        return set != null
                && WorkloadView.of(set).replicas() == wanted
                && ReplicaSets.number(set, ReplicaSets.DESIRED, -1) == wanted
                && WorkloadView.of(set).availableReplicas() == wanted;
    }

    private @Nullable ObjectNode newestOrLatest() {
        return newest != null ? newest : old.isEmpty() ? null : old.getLast();
    }

    private void put(ObjectNode changed) {
        if (newest != null && Meta.uid(newest).equals(Meta.uid(changed))) {
            newest = changed;
        }
        replaceOld(rs -> Meta.uid(rs).equals(Meta.uid(changed)) ? changed : rs);
    }

    private void replaceOld(UnaryOperator<ObjectNode> change) {
        old.replaceAll(change);
    }
}
