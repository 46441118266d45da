package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// How often a Job's pods have failed in a row, which decides how long the next must wait: 10 s doubling to 10 min.
/// Immutable. Source: kubernetes, `pkg/controller/job/backoff_utils.go`.
///
/// @param last when the last one failed; meaningless without failures
record JobBackOff(int failures, Instant last) {

    static final JobBackOff NONE = new JobBackOff(0, Instant.EPOCH);
    private static final Backoff PAUSES = new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(10));

    /// With pods that have ended since: a success wipes out the failures before it.
    JobBackOff after(List<ObjectNode> succeeded, List<ObjectNode> failed, Instant now) {
        if (succeeded.isEmpty()) {
            return failed.isEmpty() ? this : new JobBackOff(failures + failed.size(), latest(failed, now));
        }
        Instant success = latest(succeeded, now);
        List<ObjectNode> later = failed.stream()
                .filter(pod -> JobPods.finishedAt(pod, now).isAfter(success))
                .toList();
        return later.isEmpty() ? NONE : new JobBackOff(later.size(), latest(later, now));
    }

    /// Zero where the next pod may come.
    Duration remaining(Instant now) {
        if (failures == 0) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(now, last.plus(PAUSES.after(failures)));
        return left.isNegative() ? Duration.ZERO : left;
    }

    /// What the replacement of one index must wait.
    static Duration remaining(JsonNode failed, Instant now) {
        int before = JobPods.failures(failed, JobPods.FAILURES) + JobPods.failures(failed, JobPods.IGNORED);
        return new JobBackOff(before + 1, JobPods.finishedAt(failed, now)).remaining(now);
    }

    private static Instant latest(List<ObjectNode> pods, Instant now) {
        return pods.stream()
                .map(pod -> JobPods.finishedAt(pod, now))
                .max(Comparator.naturalOrder())
                .orElse(now);
    }
}
