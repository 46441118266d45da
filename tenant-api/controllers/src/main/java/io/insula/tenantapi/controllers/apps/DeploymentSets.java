package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.controllers.objects.Statuses;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.WorkloadView;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Writes the replica sets of deployments: makes, scales, annotates and deletes them. Each write names the
/// resourceVersion it was decided on, so a stale cache ends in a conflict and a retry.
final class DeploymentSets {

    private static final Set<String> NOT_COPIED = Set.of(
            WellKnownKeys.LAST_APPLIED,
            ReplicaSets.REVISION,
            ReplicaSets.REVISION_HISTORY,
            ReplicaSets.DESIRED,
            ReplicaSets.MAX,
            "deprecated.deployment.rollback.to");

    private final ObjectClient client;
    private final EventRecorder events;
    private final Clock clock;

    DeploymentSets(ObjectClient client, EventRecorder events, Clock clock) {
        this.client = client;
        this.events = events;
        this.clock = clock;
    }

    /// Makes the replica set of the deployment's template.
    ///
    /// @param replicas how many pods it starts with
    ObjectNode create(ObjectNode deployment, long revision, int replicas) {
        int collisions = deployment.path("status").path("collisionCount").asInt();
        ObjectNode template = (ObjectNode) WorkloadView.of(deployment).template();
        String hash = PodTemplates.hash(template, collisions);
        ObjectNode wanted = wanted(deployment, hash, revision, replicas);
        try {
            ObjectNode made = client.create(Resources.REPLICA_SETS, Meta.namespace(deployment), wanted);
            if (replicas > 0) {
                tellScaled(deployment, made, "up", 0, replicas);
            }
            return made;
        } catch (ApiException e) {
            if (!e.is("AlreadyExists")) {
                throw e;
            }
            return takeOrCountCollision(deployment, Meta.name(wanted), collisions, e);
        }
    }

    private ObjectNode takeOrCountCollision(ObjectNode deployment, String name, int collisions, ApiException e) {
        Optional<ObjectNode> taken = client.get(Resources.REPLICA_SETS, Meta.namespace(deployment), name);
        boolean ours = taken.filter(rs -> Owners.isControlledBy(rs, deployment))
                .filter(rs -> PodTemplates.equal(
                        WorkloadView.of(rs).template(),
                        WorkloadView.of(deployment).template()))
                .isPresent();
        if (ours) {
            return taken.orElseThrow();
        }
        if (taken.isPresent()) {
            ObjectNode status = Json.object().put("collisionCount", collisions + 1);
            client.mergePatch(
                    Resources.DEPLOYMENTS,
                    Meta.namespace(deployment),
                    Meta.name(deployment),
                    "status",
                    Statuses.patch(status));
        }
        throw e;
    }

    private static ObjectNode wanted(ObjectNode deployment, String hash, long revision, int replicas) {
        ObjectNode set = Json.object().put("apiVersion", "apps/v1").put("kind", "ReplicaSet");
        ObjectNode spec = set.putObject("spec");
        ObjectNode template = WorkloadView.of(deployment).template().deepCopy();
        Meta.of(template).withObjectProperty("labels").put(ReplicaSets.HASH, hash);
        ObjectNode selector = WorkloadView.of(deployment).selector().deepCopy();
        selector.withObjectProperty("matchLabels").put(ReplicaSets.HASH, hash);
        spec.put("replicas", replicas);
        if (WorkloadView.of(deployment).minReadySeconds() > 0) {
            spec.put("minReadySeconds", WorkloadView.of(deployment).minReadySeconds());
        }
        spec.set(WorkloadView.SELECTOR, selector);
        spec.set(WorkloadView.TEMPLATE, template);
        ObjectNode meta = set.putObject("metadata");
        meta.put("name", Meta.name(deployment) + "-" + hash).put("namespace", Meta.namespace(deployment));
        meta.set("labels", template.path("metadata").path("labels").deepCopy());
        meta.putArray("ownerReferences").add(Owners.controllerReference(deployment));
        ObjectNode annotations = meta.putObject("annotations");
        copied(deployment).forEach(annotations::put);
        annotations.put(ReplicaSets.REVISION, Long.toString(revision));
        sizes(deployment).forEach(annotations::put);
        return set;
    }

    /// Brings annotations, revision and minReadySeconds of the newest set in line.
    ObjectNode refresh(ObjectNode deployment, ObjectNode set, long revision) {
        var annotations = new TreeMap<>(copied(deployment));
        long before = ReplicaSets.revision(set);
        if (before < revision) {
            annotations.put(ReplicaSets.REVISION, Long.toString(revision));
            if (before > 0) {
                String history = Meta.annotations(set).getOrDefault(ReplicaSets.REVISION_HISTORY, "");
                annotations.put(ReplicaSets.REVISION_HISTORY, (history.isEmpty() ? "" : history + ",") + before);
            }
        }
        boolean sameReadiness = WorkloadView.of(set).minReadySeconds()
                == WorkloadView.of(deployment).minReadySeconds();
        if (sameReadiness && Meta.annotations(set).entrySet().containsAll(annotations.entrySet())) {
            return set;
        }
        ObjectNode patch = patchOf(set, annotations);
        patch.putObject("spec")
                .put("minReadySeconds", WorkloadView.of(deployment).minReadySeconds());
        return patch(set, patch);
    }

    /// Sets a size, and what proportional scaling must know later.
    ObjectNode scale(ObjectNode deployment, ObjectNode set, int size) {
        Map<String, String> sizes = sizes(deployment);
        int before = WorkloadView.of(set).replicas();
        if (before == size && Meta.annotations(set).entrySet().containsAll(sizes.entrySet())) {
            return set;
        }
        ObjectNode patch = patchOf(set, sizes);
        patch.putObject("spec").put("replicas", size);
        ObjectNode scaled = patch(set, patch);
        if (before != size) {
            tellScaled(deployment, scaled, before < size ? "up" : "down", before, size);
        }
        return scaled;
    }

    /// Deletes the oldest revisions beyond the history limit that hold no pods.
    void cleanUp(ObjectNode deployment, List<ObjectNode> old) {
        int limit = deployment.path("spec").path("revisionHistoryLimit").asInt(10);
        List<ObjectNode> alive =
                old.stream().filter(rs -> !Meta.isBeingDeleted(rs)).toList();
        alive.stream()
                .sorted((a, b) -> Long.compare(ReplicaSets.revision(a), ReplicaSets.revision(b)))
                .limit(Math.max(0, alive.size() - limit))
                .filter(rs -> WorkloadView.of(rs).replicas() == 0
                        && WorkloadView.of(rs).currentReplicas() == 0
                        && WorkloadView.of(rs).observedGeneration() >= Meta.generation(rs))
                .forEach(this::delete);
    }

    /// Writes the revision of the newest set on the deployment.
    void tellRevision(ObjectNode deployment, ObjectNode newest) {
        String revision = Long.toString(ReplicaSets.revision(newest));
        if (!revision.equals(Meta.annotations(deployment).get(ReplicaSets.REVISION))) {
            ObjectNode patch = Json.object();
            patch.putObject("metadata").putObject("annotations").put(ReplicaSets.REVISION, revision);
            client.mergePatch(Resources.DEPLOYMENTS, Meta.namespace(deployment), Meta.name(deployment), "", patch);
        }
    }

    void writeStatus(ObjectNode deployment, ObjectNode wanted) {
        ObjectNode current = StatusWriter.statusOf(deployment);
        if (wanted.equals(current)) {
            return;
        }
        client.mergePatch(
                Resources.DEPLOYMENTS,
                Meta.namespace(deployment),
                Meta.name(deployment),
                "status",
                Statuses.patch(ReplicaSets.mergeOf(current, wanted)));
    }

    /// Says on the deployment that its replica set cannot be made.
    void tellCreateFailed(ObjectNode deployment, String message) {
        events.warning(deployment, "ReplicaSetCreateError", message);
        ObjectNode status = StatusWriter.statusOf(deployment);
        if (DeploymentStatus.hasDeadline(deployment)
                && DeploymentStatus.set(
                        status, "Progressing", "False", "ReplicaSetCreateError", message, clock.instant())) {
            writeStatus(deployment, status);
        }
    }

    private void delete(ObjectNode set) {
        ObjectNode options = Json.object();
        options.putObject("preconditions").put("uid", Meta.uid(set));
        try {
            client.delete(Resources.REPLICA_SETS, Meta.namespace(set), Meta.name(set), options);
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }

    private ObjectNode patch(ObjectNode set, ObjectNode patch) {
        return client.mergePatch(Resources.REPLICA_SETS, Meta.namespace(set), Meta.name(set), "", patch);
    }

    private static ObjectNode patchOf(ObjectNode set, Map<String, String> annotations) {
        ObjectNode patch = Json.object();
        ObjectNode meta = patch.putObject("metadata").put("resourceVersion", Meta.resourceVersion(set));
        ObjectNode into = meta.putObject("annotations");
        annotations.forEach(into::put);
        return patch;
    }

    private static Map<String, String> copied(ObjectNode deployment) {
        var annotations = new TreeMap<>(Meta.annotations(deployment));
        annotations.keySet().removeAll(NOT_COPIED);
        return annotations;
    }

    private static Map<String, String> sizes(ObjectNode deployment) {
        int wanted = WorkloadView.of(deployment).replicas();
        int most = wanted + RolloutMath.limits(deployment).maxSurge();
        return Map.of(ReplicaSets.DESIRED, Integer.toString(wanted), ReplicaSets.MAX, Integer.toString(most));
    }

    private void tellScaled(ObjectNode deployment, ObjectNode set, String direction, int from, int to) {
        events.normal(
                deployment,
                "ScalingReplicaSet",
                "Scaled " + direction + " replica set " + Meta.name(set) + " from " + from + " to " + to);
    }
}
