package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.StatusWriter;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Counts each ended pod exactly once, however often and wherever the controller dies: first the pod's uid is
/// written into the status as uncounted, then its finalizer is taken away, then it is counted and the uid
/// forgotten. Indexes that have succeeded need no uid, being counted once by themselves.
/// Source: kubernetes, `job_controller.go`, trackJobStatusAndRemoveFinalizers; KEP-2307.
///
/// Used once, by one thread.
final class JobLedger {

    private static final int MOST_UNCOUNTED = 500;

    private final JobTools tools;
    private final Key key;
    private final ObjectNode status;
    private final List<ObjectNode> tracked;
    private final List<ObjectNode> all;
    private final Instant now;
    private final Set<String> releasedNow = new HashSet<>();
    private final Set<String> uncountedSucceeded;
    private final Set<String> uncountedFailed;
    private final int completions;
    private ObjectNode job;

    /// @param status the working copy that [#settle] writes
    JobLedger(JobTools tools, Key key, ObjectNode job, ObjectNode status, List<ObjectNode> pods, Instant now) {
        this.tools = tools;
        this.key = key;
        this.job = job;
        this.status = status;
        this.all = pods;
        this.now = now;
        this.completions = job.path("spec").path("completions").asInt();
        this.tracked = pods.stream()
                .filter(pod -> JobPods.isTracked(pod) && !tools.isReleased(key, Meta.uid(pod)))
                .toList();
        JsonNode uncounted = status.path("uncountedTerminatedPods");
        this.uncountedSucceeded = uids(uncounted.path("succeeded"));
        this.uncountedFailed = uids(uncounted.path("failed"));
    }

    List<ObjectNode> newlySucceeded() {
        return valid().filter(pod -> PodView.of(pod).phase().equals("Succeeded"))
                .filter(pod -> !uncountedSucceeded.contains(Meta.uid(pod)))
                .toList();
    }

    List<ObjectNode> newlyFailed() {
        return valid().filter(pod -> JobPods.isFailed(job, pod))
                .filter(pod -> !uncountedFailed.contains(Meta.uid(pod)))
                .toList();
    }

    int succeeded() {
        return status.path("succeeded").asInt()
                + uncountedSucceeded.size()
                + newlySucceeded().size();
    }

    /// Without those that the failure policy ignores.
    int failed() {
        long counted = newlyFailed().stream()
                .filter(pod -> FailurePolicy.of(job, pod).counts())
                .count();
        return status.path("failed").asInt() + uncountedFailed.size() + (int) counted;
    }

    Indexes succeededIndexes() {
        return countedIndexes()
                .with(valid().filter(pod -> PodView.of(pod).phase().equals("Succeeded"))
                        .map(JobPods::index)
                        .toList());
    }

    /// Those that have failed more often than `backoffLimitPerIndex`, or whose failure the policy calls final.
    Indexes failedIndexes() {
        int limit = job.path("spec").path("backoffLimitPerIndex").asInt();
        return Indexes.parse(status.path("failedIndexes").asText(""), completions)
                .with(valid().filter(pod -> JobPods.isFailed(job, pod))
                        .filter(pod -> {
                            FailurePolicy.Verdict verdict = FailurePolicy.of(job, pod);
                            return verdict.action().equals("FailIndex")
                                    || (verdict.counts() && JobPods.failures(pod, JobPods.FAILURES) >= limit);
                        })
                        .map(JobPods::index)
                        .toList());
    }

    /// The last failed pod of each index that must be replaced: it keeps the count of failures until it is.
    Map<Integer, ObjectNode> waitingPerIndex(List<ObjectNode> active, Indexes succeeded, Indexes failed) {
        Set<Integer> alive = active.stream().map(JobPods::index).collect(Collectors.toSet());
        var waiting = new HashMap<Integer, ObjectNode>();
        Comparator<ObjectNode> later = Comparator.<ObjectNode>comparingInt(
                        pod -> JobPods.failures(pod, JobPods.FAILURES) + JobPods.failures(pod, JobPods.IGNORED))
                .thenComparing(pod -> JobPods.finishedAt(pod, now));
        valid().filter(pod -> JobPods.isFailed(job, pod)).forEach(pod -> {
            int index = JobPods.index(pod);
            if (!alive.contains(index) && !succeeded.has(index) && !failed.has(index)) {
                waiting.merge(index, pod, (a, b) -> later.compare(a, b) >= 0 ? a : b);
            }
        });
        return waiting;
    }

    /// The first indexes that have neither ended nor a pod at work.
    List<Integer> pendingIndexes(int limit, List<ObjectNode> active, Indexes succeeded, Indexes failed) {
        Set<Integer> taken = new HashSet<>();
        active.forEach(pod -> taken.add(JobPods.index(pod)));
        if (JobPods.replacesOnlyFailed(job)) {
            all.stream().filter(JobPods::isTerminating).forEach(pod -> taken.add(JobPods.index(pod)));
        }
        var pending = new ArrayList<Integer>();
        for (int index = 0; index < completions && pending.size() < limit; index++) {
            if (!taken.contains(index) && !succeeded.has(index) && !failed.has(index)) {
                pending.add(index);
            }
        }
        return pending;
    }

    /// Writes down what this pass has found, in an order that survives a crash after any write.
    ///
    /// @param waiting pods to keep until their index has another
    void settle(
            JobPass.@Nullable Finish finish,
            Indexes succeeded,
            Indexes failed,
            Map<Integer, ObjectNode> waiting,
            int terminating,
            JobBackOff backOff) {
        count();
        List<ObjectNode> releasable = note(finish, waiting);
        if (JobPods.isIndexed(job)) {
            noteIndexes(succeeded, failed);
        }
        if (finish != null && !finish.announced()) {
            Condition.set(status, finish.interim(), true, finish.reason(), finish.message(), now);
        }
        write();
        tools.backOffs().put(key, backOff);
        for (ObjectNode pod : releasable) {
            tools.release(key, pod);
            releasedNow.add(Meta.uid(pod));
        }
        count();
        boolean over = finish != null
                && uncountedSucceeded.isEmpty()
                && uncountedFailed.isEmpty()
                && terminating == 0
                && releasable.size() < MOST_UNCOUNTED;
        if (finish != null && over) {
            Condition.set(status, finish.last(), true, finish.reason(), finish.message(), now);
            if (finish.success()) {
                status.put("completionTime", Meta.timestamp(now));
            }
        }
        write();
        if (finish != null && over) {
            tell(finish);
        }
    }

    /// Pods of an indexed Job without one of its indexes count for nothing.
    private Stream<ObjectNode> valid() {
        return tracked.stream().filter(pod -> !JobPods.isIndexed(job) || isOfAnIndex(pod));
    }

    private boolean isOfAnIndex(ObjectNode pod) {
        int index = JobPods.index(pod);
        return index >= 0 && index < completions;
    }

    private Indexes countedIndexes() {
        return Indexes.parse(status.path("completedIndexes").asText(""), completions);
    }

    /// Collects the pods whose finalizer may go, and the uids of those yet to be counted.
    private List<ObjectNode> note(JobPass.@Nullable Finish finish, Map<Integer, ObjectNode> waiting) {
        var releasable = new ArrayList<ObjectNode>();
        Set<String> kept = waiting.values().stream().map(Meta::uid).collect(Collectors.toSet());
        boolean going = Meta.isBeingDeleted(job);
        for (ObjectNode pod : tracked) {
            boolean done = PodView.of(pod).phase().equals("Succeeded");
            boolean failed = JobPods.isFailed(job, pod);
            boolean ripe = done || (failed && !kept.contains(Meta.uid(pod)));
            if (!going && finish == null && !ripe) {
                continue;
            }
            if (releasable.size() == MOST_UNCOUNTED) {
                break;
            }
            releasable.add(pod);
            if (done && !uncountedFailed.contains(Meta.uid(pod))) {
                if (!JobPods.isIndexed(job)) {
                    uncountedSucceeded.add(Meta.uid(pod));
                }
            } else if (failed || (finish != null && !finish.success())) {
                boolean counts = FailurePolicy.of(job, pod).counts();
                if (counts && (!JobPods.isIndexed(job) || isOfAnIndex(pod))) {
                    uncountedFailed.add(Meta.uid(pod));
                }
            }
        }
        writeUncounted();
        return releasable;
    }

    private void noteIndexes(Indexes succeeded, Indexes failed) {
        StatusWriter.count(status, "succeeded", succeeded.size());
        String text = succeeded.toString();
        if (text.isEmpty()) {
            status.remove("completedIndexes");
        } else {
            status.put("completedIndexes", text);
        }
        if (JobPods.hasLimitPerIndex(job)) {
            status.put("failedIndexes", failed.toString());
        }
    }

    /// Counts the uids whose pods no longer carry the finalizer.
    private void count() {
        Set<String> held = tracked.stream()
                .map(Meta::uid)
                .filter(uid -> !releasedNow.contains(uid) && !tools.isReleased(key, uid))
                .collect(Collectors.toSet());
        add("succeeded", uncountedSucceeded, held);
        add("failed", uncountedFailed, held);
        writeUncounted();
    }

    private void add(String field, Set<String> uncounted, Set<String> held) {
        int before = uncounted.size();
        uncounted.retainAll(held);
        StatusWriter.count(status, field, status.path(field).asLong() + before - uncounted.size());
    }

    private void writeUncounted() {
        ObjectNode uncounted = status.putObject("uncountedTerminatedPods");
        writeUids(uncounted, "succeeded", uncountedSucceeded);
        writeUids(uncounted, "failed", uncountedFailed);
    }

    private static void writeUids(ObjectNode uncounted, String field, Set<String> uids) {
        if (!uids.isEmpty()) {
            ArrayNode list = uncounted.putArray(field);
            uids.forEach(list::add);
        }
    }

    /// Replaces the status as it was read: two counts must never start from one.
    private void write() {
        ObjectNode change = MergePatches.between(job.path("status"), status);
        if (change.isEmpty()) {
            return;
        }
        ObjectNode patch = MergePatches.asRead(job);
        patch.set("status", change);
        job = tools.client().mergePatch(Resources.JOBS, key.namespace(), key.name(), "status", patch);
    }

    private void tell(JobPass.Finish finish) {
        if (finish.success()) {
            tools.events().normal(job, "Completed", "Job completed");
        } else {
            tools.events().warning(job, finish.reason(), finish.message());
        }
    }

    private static Set<String> uids(JsonNode list) {
        var uids = new LinkedHashSet<String>();
        list.forEach(uid -> uids.add(uid.asText()));
        return uids;
    }
}
