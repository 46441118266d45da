package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.PodView;
import io.insula.tenantapi.view.WorkloadView;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a Job reads from its pods, and the pods it makes. Pure.
/// Source: kubernetes, `pkg/controller/job/job_controller.go` and `indexed_job_utils.go`.
final class JobPods {

    static final String FINALIZER = "batch.kubernetes.io/job-tracking";
    static final String INDEX = "batch.kubernetes.io/job-completion-index";
    static final String FAILURES = "batch.kubernetes.io/job-index-failure-count";
    static final String IGNORED = "batch.kubernetes.io/job-index-ignored-failure-count";
    private static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

    private JobPods() {}

    static boolean isIndexed(JsonNode job) {
        return job.path("spec").path("completionMode").asText("").equals("Indexed");
    }

    static boolean hasLimitPerIndex(JsonNode job) {
        return isIndexed(job) && job.path("spec").hasNonNull("backoffLimitPerIndex");
    }

    /// Whether a pod is replaced only when it has failed, not as soon as it is being deleted.
    static boolean replacesOnlyFailed(JsonNode job) {
        return job.path("spec").path("podReplacementPolicy").asText("").equals("Failed");
    }

    static boolean isSuspended(JsonNode job) {
        return job.path("spec").path("suspend").asBoolean();
    }

    /// -1 where there is none.
    static int index(JsonNode pod) {
        try {
            return Integer.parseInt(Meta.annotations(pod).getOrDefault(INDEX, "-1"));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    static boolean isTracked(JsonNode pod) {
        return Meta.finalizers(pod).contains(FINALIZER);
    }

    /// A pod on its way out counts as failed too, unless its end is waited for: it may never get to say so.
    static boolean isFailed(JsonNode job, JsonNode pod) {
        String phase = PodView.of(pod).phase();
        if (phase.equals("Failed")) {
            return true;
        }
        return !replacesOnlyFailed(job) && Meta.isBeingDeleted(pod) && !phase.equals("Succeeded");
    }

    static boolean isTerminating(JsonNode pod) {
        return Meta.isBeingDeleted(pod) && !PodView.of(pod).isTerminal();
    }

    /// How often the index had failed before this pod.
    static int failures(JsonNode pod, String annotation) {
        try {
            return Integer.parseInt(Meta.annotations(pod).getOrDefault(annotation, "0"));
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /// When a pod ended, as well as it is known.
    static Instant finishedAt(JsonNode pod, Instant now) {
        Instant latest = Instant.MIN;
        for (JsonNode container : PodView.of(pod).statuses(Kind.ORDINARY)) {
            Instant end = Meta.time(container.path("state").path("terminated").path("finishedAt"))
                    .orElse(Instant.MIN);
            latest = end.isAfter(latest) ? end : latest;
        }
        if (latest.isAfter(Instant.MIN)) {
            return latest;
        }
        Condition ready = Condition.of(pod, "Ready");
        Optional<Instant> unready = ready.isFalse() ? ready.since() : Optional.empty();
        return unready.or(() -> Meta.time(pod.path("metadata").path("deletionTimestamp")))
                .orElse(now);
    }

    /// The sum of restarts of a Job that restarts in place reaches its backoff limit.
    static boolean restartedTooOften(JsonNode job, Iterable<ObjectNode> pods) {
        if (!WorkloadView.of(job).podSpec().restartPolicy().equals("OnFailure")) {
            return false;
        }
        long restarts = 0;
        for (JsonNode pod : pods) {
            if (PodView.of(pod).phase().equals("Running")
                    || PodView.of(pod).phase().equals("Pending")) {
                for (Kind kind : List.of(Kind.INIT, Kind.ORDINARY)) {
                    for (JsonNode container : PodView.of(pod).statuses(kind)) {
                        restarts += container.path("restartCount").asLong();
                    }
                }
            }
        }
        long limit = job.path("spec").path("backoffLimit").asLong();
        return limit == 0 ? restarts > 0 : restarts >= limit;
    }

    /// @param index -1 for a Job without indexes
    static ObjectNode pod(ObjectNode job, int index) {
        ObjectNode pod = PodWriter.fromTemplate(WorkloadView.of(job).template(), job);
        ObjectNode meta = Meta.of(pod);
        meta.withArrayProperty("finalizers").add(FINALIZER);
        if (index < 0) {
            meta.put("generateName", Meta.name(job) + "-");
            return pod;
        }
        meta.put("generateName", Meta.name(job) + "-" + index + "-");
        String text = Integer.toString(index);
        meta.withObjectProperty("annotations").put(INDEX, text);
        meta.withObjectProperty("labels").put(INDEX, text);
        ObjectNode spec = pod.withObjectProperty("spec");
        spec.put("hostname", Meta.name(job) + "-" + index);
        for (ContainerView container : new PodSpecView(spec).startedContainers()) {
            container.edit(JobPods::addIndexVariable);
        }
        return pod;
    }

    private static void addIndexVariable(ObjectNode container) {
        ArrayNode variables = container.withArrayProperty("env");
        for (JsonNode variable : variables) {
            if (variable.path("name").asText().equals(INDEX_VARIABLE)) {
                return;
            }
        }
        ObjectNode variable = Json.object().put("name", INDEX_VARIABLE);
        variable.putObject("valueFrom").putObject("fieldRef").put("fieldPath", "metadata.labels['" + INDEX + "']");
        variables.add(variable);
    }
}
