package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One pass over one Job: what has ended, whether the Job is over, which pods to make or end, and then the
/// bookkeeping by [JobLedger]. Source: kubernetes, `pkg/controller/job/job_controller.go`, syncJob.
///
/// Used once, by one thread.
final class JobPass {

    private final JobTools tools;
    private final Key key;
    private final ObjectNode job;
    private final ObjectNode status;
    private final List<ObjectNode> pods;
    private final List<ObjectNode> active;
    private final Instant now;
    private final JobLedger ledger;
    private final JobBackOff backOff;
    private final boolean cacheIsCurrent;
    private Indexes succeededIndexes = Indexes.NONE;
    private Indexes failedIndexes = Indexes.NONE;
    private Map<Integer, ObjectNode> waiting = Map.of();
    private int activeCount;
    private int ready;
    private int terminating;
    private Duration again = Duration.ZERO;
    private @Nullable Finish finish;
    private @Nullable RuntimeException failure;

    /// How a Job ends.
    ///
    /// @param announced whether the status says so already (`SuccessCriteriaMet`, `FailureTarget`)
    record Finish(boolean success, String reason, String message, boolean announced) {

        String interim() {
            return success ? "SuccessCriteriaMet" : "FailureTarget";
        }

        String last() {
            return success ? "Complete" : "Failed";
        }
    }

    /// @param job as it is in the store
    JobPass(JobTools tools, Key key, ObjectNode job, List<ObjectNode> pods) {
        this.tools = tools;
        this.key = key;
        this.job = job;
        this.pods = pods;
        this.now = tools.clock().instant();
        this.status = StatusWriter.statusOf(job);
        this.active = pods.stream().filter(pod -> PodView.of(pod).isActive()).toList();
        this.activeCount = active.size();
        this.ready =
                (int) active.stream().filter(pod -> PodView.of(pod).isReady()).count();
        this.terminating = (int) pods.stream().filter(JobPods::isTerminating).count();
        this.cacheIsCurrent = tools.expectations().satisfied(key);
        this.ledger = new JobLedger(tools, key, job, status, pods, now);
        this.backOff = tools.backOffs()
                .getOrDefault(key, JobBackOff.NONE)
                .after(ledger.newlySucceeded(), ledger.newlyFailed(), now);
    }

    static boolean isFinished(JsonNode job) {
        return Condition.isTrue(job, "Complete") || Condition.isTrue(job, "Failed");
    }

    Outcome run() {
        if (!status.hasNonNull("startTime") && !JobPods.isSuspended(job)) {
            status.put("startTime", Meta.timestamp(now));
        }
        int succeeded = ledger.succeeded();
        finish = announced().or(this::failing).orElse(null);
        if (JobPods.isIndexed(job)) {
            countIndexes();
            succeeded = succeededIndexes.size();
        }
        if (finish != null) {
            endActivePods();
        } else {
            manage(succeeded);
        }
        StatusWriter.count(status, "active", activeCount);
        status.put("ready", ready);
        status.put("terminating", terminating);
        ledger.settle(finish, succeededIndexes, failedIndexes, waiting, terminating, backOff);
        if (failure != null) {
            throw failure;
        }
        return again.isPositive() ? Outcome.after(again, "back-off or deadline") : Outcome.SETTLED;
    }

    private Optional<Finish> announced() {
        for (boolean success : new boolean[] {true, false}) {
            Condition said = Condition.of(job, success ? "SuccessCriteriaMet" : "FailureTarget");
            if (said.isTrue()) {
                return Optional.of(new Finish(success, said.reason(), said.message(), true));
            }
        }
        return Optional.empty();
    }

    private Optional<Finish> failing() {
        for (ObjectNode pod : pods) {
            if (JobPods.isFailed(job, pod)) {
                FailurePolicy.Verdict verdict = FailurePolicy.of(job, pod);
                if (verdict.failsJob()) {
                    return failed("PodFailurePolicy", verdict.message());
                }
            }
        }
        long limit = job.path("spec").path("backoffLimit").asLong(6);
        if (ledger.failed() > limit || JobPods.restartedTooOften(job, pods)) {
            return failed("BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }
        return pastDeadline();
    }

    private Optional<Finish> pastDeadline() {
        JsonNode seconds = job.path("spec").path("activeDeadlineSeconds");
        Optional<Instant> start = Meta.time(status.path("startTime"));
        if (!seconds.isNumber() || start.isEmpty() || JobPods.isSuspended(job)) {
            return Optional.empty();
        }
        Duration left = Duration.between(now, Meta.after(start.get(), seconds.asLong()));
        if (!left.isPositive()) {
            return failed("DeadlineExceeded", "Job was active longer than specified deadline");
        }
        lookAgain(left);
        return Optional.empty();
    }

    private static Optional<Finish> failed(String reason, String message) {
        return Optional.of(new Finish(false, reason, message, false));
    }

    private void countIndexes() {
        succeededIndexes = ledger.succeededIndexes();
        int completions = completions();
        if (JobPods.hasLimitPerIndex(job)) {
            failedIndexes = ledger.failedIndexes();
            int most = job.path("spec").path("maxFailedIndexes").asInt(Integer.MAX_VALUE);
            if (finish == null && failedIndexes.size() > most) {
                finish = failed(
                                "MaxFailedIndexesExceeded",
                                "Job has exceeded the specified maximal number of failed indexes")
                        .orElseThrow();
            } else if (finish == null
                    && failedIndexes.size() > 0
                    && failedIndexes.size() + succeededIndexes.size() >= completions) {
                finish = failed("FailedIndexes", "Job has failed indexes").orElseThrow();
            }
            waiting = ledger.waitingPerIndex(active, succeededIndexes, failedIndexes);
        }
        if (finish == null) {
            finish = SuccessPolicy.met(job, succeededIndexes)
                    .map(message -> new Finish(true, "SuccessPolicy", message, false))
                    .orElse(null);
        }
    }

    private void endActivePods() {
        boolean all = end(active);
        if (!all || !cacheIsCurrent) {
            // there may be pods that nobody has seen: the Job is not over before they are
            finish = null;
        }
    }

    private void manage(int succeeded) {
        boolean managed = cacheIsCurrent && !Meta.isBeingDeleted(job);
        if (managed) {
            var pool = new JobPool(tools, key, job, active, waiting, backOff, now);
            pool.adjust(
                    succeeded,
                    JobPods.replacesOnlyFailed(job) ? terminating : 0,
                    limit -> ledger.pendingIndexes(limit, active, succeededIndexes, failedIndexes));
            activeCount += pool.created() - pool.deleted();
            ready -= pool.deletedReady();
            terminating += pool.deleted();
            failure = pool.failure();
            lookAgain(pool.delay());
        }
        JsonNode completions = job.path("spec").path("completions");
        boolean enough = completions.isNumber() ? succeeded >= completions.asInt() : succeeded > 0;
        if (enough && activeCount == 0) {
            finish = new Finish(true, "CompletionsReached", "Reached expected number of succeeded pods", false);
        } else if (managed) {
            tellSuspension();
        }
    }

    private void tellSuspension() {
        boolean wanted = JobPods.isSuspended(job);
        boolean told = Condition.isTrue(job, "Suspended");
        if (wanted == told) {
            return;
        }
        if (wanted) {
            Condition.set(status, "Suspended", true, "JobSuspended", "Job suspended", now);
            tools.events().normal(job, "Suspended", "Job suspended");
        } else {
            Condition.set(status, "Suspended", false, "JobResumed", "Job resumed", now);
            tools.events().normal(job, "Resumed", "Job resumed");
            // the deadline does not run while a Job is suspended
            status.put("startTime", Meta.timestamp(now));
        }
    }

    private boolean end(List<ObjectNode> victims) {
        var pool = new JobPool(tools, key, job, active, waiting, backOff, now);
        pool.delete(victims);
        activeCount -= pool.deleted();
        ready -= pool.deletedReady();
        terminating += pool.deleted();
        failure = pool.failure();
        return pool.deleted() == victims.size();
    }

    private void lookAgain(Duration delay) {
        if (delay.isPositive() && (again.isZero() || delay.compareTo(again) < 0)) {
            again = delay;
        }
    }

    private int completions() {
        return job.path("spec").path("completions").asInt();
    }
}
