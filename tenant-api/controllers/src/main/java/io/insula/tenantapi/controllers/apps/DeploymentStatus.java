package io.insula.tenantapi.controllers.apps;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.WorkloadView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Computes a deployment's status from its replica sets. Pure.
/// Source: kubernetes, `pkg/controller/deployment/progress.go` and `sync.go`.
final class DeploymentStatus {

    static final String CREATED = "NewReplicaSetCreated";
    static final String FOUND = "FoundNewReplicaSet";
    static final String UPDATED = "ReplicaSetUpdated";
    static final String COMPLETE = "NewReplicaSetAvailable";
    static final String TIMED_OUT = "ProgressDeadlineExceeded";
    static final String PAUSED = "DeploymentPaused";
    static final String RESUMED = "DeploymentResumed";
    private static final int NO_DEADLINE = Integer.MAX_VALUE;

    private DeploymentStatus() {}

    /// Counts and the Available condition.
    static ObjectNode calculate(ObjectNode deployment, List<ObjectNode> all, @Nullable ObjectNode newest, Instant now) {
        ObjectNode status = StatusWriter.statusOf(deployment);
        int available = ReplicaSets.sumAvailable(all);
        status.put("observedGeneration", (int) Meta.generation(deployment));
        ReplicaSets.count(
                status,
                "replicas",
                all.stream()
                        .mapToInt(set -> WorkloadView.of(set).currentReplicas())
                        .sum());
        ReplicaSets.count(
                status,
                "updatedReplicas",
                newest == null ? 0 : WorkloadView.of(newest).currentReplicas());
        ReplicaSets.count(
                status,
                "readyReplicas",
                all.stream()
                        .mapToInt(set -> WorkloadView.of(set).readyReplicas())
                        .sum());
        ReplicaSets.count(status, "availableReplicas", available);
        ReplicaSets.count(status, "unavailableReplicas", Math.max(0, ReplicaSets.sumReplicas(all) - available));
        int minimum = WorkloadView.of(deployment).replicas()
                - RolloutMath.limits(deployment).maxUnavailable();
        if (available >= minimum) {
            set(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now);
        } else {
            set(
                    status,
                    "Available",
                    "False",
                    "MinimumReplicasUnavailable",
                    "Deployment does not have minimum availability.",
                    now);
        }
        return status;
    }

    /// As [#calculate], and the Progressing and ReplicaFailure conditions of a rollout under way.
    static ObjectNode rollout(ObjectNode deployment, List<ObjectNode> all, @Nullable ObjectNode newest, Instant now) {
        ObjectNode status = calculate(deployment, all, newest, now);
        if (!hasDeadline(deployment)) {
            Condition.remove(status, "Progressing");
        } else if (!wasComplete(deployment, status)) {
            progress(deployment, status, newest, now);
        }
        replicaFailure(all, newest)
                .ifPresentOrElse(
                        c -> set(status, c.type(), c.status(), c.reason(), c.message(), now),
                        () -> Condition.remove(status, "ReplicaFailure"));
        return status;
    }

    /// When a rollout that is going on would time out; empty if none is.
    static Optional<Duration> untilDeadline(ObjectNode deployment, ObjectNode status, Instant now) {
        Condition current = progressing(status);
        if (!hasDeadline(deployment)
                || !current.exists()
                || isComplete(deployment, status)
                || current.reason().equals(TIMED_OUT)) {
            return Optional.empty();
        }
        Instant due = Meta.after(lastUpdate(current).orElse(now), deadlineSeconds(deployment) + 1L);
        return Optional.of(due.isAfter(now) ? Duration.between(now, due) : Duration.ofSeconds(1));
    }

    static boolean isComplete(JsonNode deployment, JsonNode status) {
        int wanted = WorkloadView.of(deployment).replicas();
        return count(status, "updatedReplicas") == wanted
                && count(status, "replicas") == wanted
                && count(status, "availableReplicas") == wanted
                && status.path("observedGeneration").asLong() >= Meta.generation(deployment);
    }

    static boolean hasDeadline(JsonNode deployment) {
        return deadlineSeconds(deployment) != NO_DEADLINE;
    }

    static Condition progressing(JsonNode status) {
        return Condition.in(status, "Progressing");
    }

    private static Optional<Instant> lastUpdate(Condition condition) {
        return Meta.time(condition.tree().path("lastUpdateTime"));
    }

    /// Sets a condition unless status and reason are already so; `lastUpdateTime` tells when that was.
    static boolean set(ObjectNode status, String type, String value, String reason, String message, Instant now) {
        Condition known = Condition.in(status, type);
        if (known.exists() && known.status().equals(value) && known.reason().equals(reason)) {
            return false;
        }
        boolean changed = Condition.set(status, type, value, reason, message, now);
        touch(status, type, now);
        return changed;
    }

    private static void progress(ObjectNode deployment, ObjectNode status, @Nullable ObjectNode newest, Instant now) {
        String subject = newest == null
                ? "Deployment \"" + Meta.name(deployment) + "\""
                : "ReplicaSet \"" + Meta.name(newest) + "\"";
        if (isComplete(deployment, status)) {
            set(status, "Progressing", "True", COMPLETE, subject + " has successfully progressed.", now);
        } else if (isProgressing(deployment, status)) {
            Condition.set(status, "Progressing", "True", UPDATED, subject + " is progressing.", now);
            touch(status, "Progressing", now);
        } else if (isTimedOut(deployment, status, now)) {
            set(status, "Progressing", "False", TIMED_OUT, subject + " has timed out progressing.", now);
        }
    }

    private static boolean wasComplete(ObjectNode deployment, ObjectNode status) {
        return count(status, "replicas") == count(status, "updatedReplicas")
                && progressing(deployment.path("status")).reason().equals(COMPLETE);
    }

    private static boolean isProgressing(ObjectNode deployment, ObjectNode status) {
        JsonNode before = deployment.path("status");
        int old = count(status, "replicas") - count(status, "updatedReplicas");
        int oldBefore = count(before, "replicas") - count(before, "updatedReplicas");
        return count(status, "updatedReplicas") > count(before, "updatedReplicas")
                || old < oldBefore
                || count(status, "readyReplicas") > count(before, "readyReplicas")
                || count(status, "availableReplicas") > count(before, "availableReplicas");
    }

    private static boolean isTimedOut(ObjectNode deployment, ObjectNode status, Instant now) {
        Condition current = progressing(status);
        if (!current.exists() || current.reason().equals(COMPLETE)) {
            return false;
        }
        return lastUpdate(current)
                .map(since -> Meta.after(since, deadlineSeconds(deployment)).isBefore(now))
                .orElse(false);
    }

    /// That of the newest, else of any.
    private static Optional<Condition> replicaFailure(List<ObjectNode> all, @Nullable ObjectNode newest) {
        return Stream.concat(Stream.ofNullable(newest), all.stream())
                .map(rs -> Condition.of(rs, "ReplicaFailure"))
                .filter(Condition::exists)
                .findFirst();
    }

    private static void touch(ObjectNode status, String type, Instant now) {
        Condition.in(status, type).edit(condition -> condition.put("lastUpdateTime", Meta.timestamp(now)));
    }

    private static int deadlineSeconds(JsonNode deployment) {
        return deployment.path("spec").path("progressDeadlineSeconds").asInt(NO_DEADLINE);
    }

    private static int count(JsonNode status, String field) {
        return status.path(field).asInt();
    }
}
