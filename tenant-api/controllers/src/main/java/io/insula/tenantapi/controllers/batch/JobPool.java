package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.SlowStart;
import io.insula.tenantapi.controllers.objects.PodRanking;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Makes and ends the pods of one Job in one pass, never both. Source: kubernetes,
/// `pkg/controller/job/job_controller.go`, manageJob.
///
/// Confined to one thread, its creations apart.
final class JobPool {

    private static final int MOST = 500;

    private final JobTools tools;
    private final Key key;
    private final ObjectNode job;
    private final List<ObjectNode> active;
    private final Map<Integer, ObjectNode> waiting;
    private final JobBackOff backOff;
    private final Instant now;
    private int created;
    private int deleted;
    private int deletedReady;
    private Duration delay = Duration.ZERO;
    private @Nullable RuntimeException failure;

    /// @param waiting the last failed pod of each index that must be replaced
    JobPool(
            JobTools tools,
            Key key,
            ObjectNode job,
            List<ObjectNode> active,
            Map<Integer, ObjectNode> waiting,
            JobBackOff backOff,
            Instant now) {
        this.tools = tools;
        this.key = key;
        this.job = job;
        this.active = active;
        this.waiting = waiting;
        this.backOff = backOff;
        this.now = now;
    }

    int created() {
        return created;
    }

    int deleted() {
        return deleted;
    }

    int deletedReady() {
        return deletedReady;
    }

    /// When the next pod may be made; zero where none waits.
    Duration delay() {
        return delay;
    }

    @Nullable
    RuntimeException failure() {
        return failure;
    }

    /// Brings the number of active pods closer to what is wanted.
    ///
    /// @param ending pods whose end is waited for before they are replaced
    /// @param pendingIndexes the first so many indexes that have no pod
    void adjust(int succeeded, int ending, IntFunction<List<Integer>> pendingIndexes) {
        if (JobPods.isSuspended(job)) {
            delete(active);
            return;
        }
        int wanted = wanted(succeeded);
        List<ObjectNode> surplus = surplus(Math.max(0, active.size() - wanted));
        if (!surplus.isEmpty()) {
            delete(surplus.subList(0, Math.min(surplus.size(), MOST)));
            return;
        }
        int missing = Math.min(wanted - ending - active.size(), MOST);
        if (missing > 0) {
            create(missing, pendingIndexes);
        }
    }

    private int wanted(int succeeded) {
        int parallelism = job.path("spec").path("parallelism").asInt(1);
        JsonNode completions = job.path("spec").path("completions");
        if (!completions.isNumber()) {
            // once one has succeeded the others may finish, no new ones are started
            return succeeded > 0 ? active.size() : parallelism;
        }
        return Math.clamp((long) completions.asInt() - succeeded, 0, parallelism);
    }

    /// Pods that no index needs, and as many others as are too many.
    private List<ObjectNode> surplus(int atLeast) {
        var remove = new ArrayList<ObjectNode>();
        List<ObjectNode> rest = active;
        if (JobPods.isIndexed(job)) {
            rest = new ArrayList<>();
            var byIndex = new HashMap<Integer, List<ObjectNode>>();
            active.forEach(pod -> byIndex.computeIfAbsent(JobPods.index(pod), i -> new ArrayList<>())
                    .add(pod));
            int completions = job.path("spec").path("completions").asInt();
            for (Map.Entry<Integer, List<ObjectNode>> one : byIndex.entrySet()) {
                boolean unknown = one.getKey() < 0 || one.getKey() >= completions;
                int keep = unknown ? 0 : 1;
                List<ObjectNode> victims =
                        PodRanking.victims(one.getValue(), one.getValue().size() - keep, now);
                remove.addAll(victims);
                one.getValue().stream().filter(pod -> !victims.contains(pod)).forEach(rest::add);
            }
        }
        if (remove.size() < atLeast) {
            remove.addAll(PodRanking.victims(rest, atLeast - remove.size(), now));
        }
        return remove;
    }

    private void create(int missing, IntFunction<List<Integer>> pendingIndexes) {
        if (!JobPods.hasLimitPerIndex(job)) {
            delay = backOff.remaining(now);
            if (delay.isPositive()) {
                return;
            }
        }
        List<Integer> indexes = Collections.nCopies(missing, -1);
        if (JobPods.isIndexed(job)) {
            indexes = ripe(pendingIndexes.apply(missing));
        }
        if (indexes.isEmpty()) {
            return;
        }
        Queue<Integer> queue = new ConcurrentLinkedQueue<>(new ArrayDeque<>(indexes));
        tools.expectations().expectCreations(key, indexes.size());
        SlowStart.Result result = SlowStart.run(indexes.size(), () -> createOne(queue));
        created = result.succeeded();
        for (int i = created; i < indexes.size(); i++) {
            tools.expectations().created(key);
        }
        failure = result.failure() instanceof ApiException e && PodWriter.namespaceIsGoing(e) ? null : result.failure();
    }

    /// Without the indexes whose last failure is too recent.
    private List<Integer> ripe(List<Integer> indexes) {
        var ripe = new ArrayList<Integer>();
        for (int index : indexes) {
            ObjectNode failed = waiting.get(index);
            Duration left = failed == null ? Duration.ZERO : JobBackOff.remaining(failed, now);
            if (left.isPositive()) {
                delay = delay.isZero() || left.compareTo(delay) < 0 ? left : delay;
            } else {
                ripe.add(index);
            }
        }
        return ripe;
    }

    private void createOne(Queue<Integer> queue) {
        Integer index = queue.poll();
        int own = index == null ? -1 : index;
        ObjectNode pod = JobPods.pod(job, own);
        if (JobPods.hasLimitPerIndex(job)) {
            countFailures(pod, own);
        }
        tools.writer().create(job, pod);
    }

    /// A pod carries how often its index has failed before it.
    private void countFailures(ObjectNode pod, int index) {
        ObjectNode annotations = Meta.of(pod).withObjectProperty("annotations");
        ObjectNode before = waiting.get(index);
        if (before == null) {
            annotations.put(JobPods.FAILURES, "0");
            return;
        }
        boolean counts = FailurePolicy.of(job, before).counts();
        int counted = JobPods.failures(before, JobPods.FAILURES) + (counts ? 1 : 0);
        int ignored = JobPods.failures(before, JobPods.IGNORED) + (counts ? 0 : 1);
        annotations.put(JobPods.FAILURES, Integer.toString(counted));
        if (ignored > 0) {
            annotations.put(JobPods.IGNORED, Integer.toString(ignored));
        }
    }

    /// Ends these pods; [#failure] is the last write that failed.
    void delete(List<ObjectNode> victims) {
        for (ObjectNode pod : victims) {
            tools.expectations().expectDeletion(key, Meta.uid(pod));
            try {
                if (!tools.writer().delete(job, pod)) {
                    tools.expectations().deleted(key, Meta.uid(pod));
                }
                deleted++;
                deletedReady += PodView.of(pod).isReady() ? 1 : 0;
            } catch (ApiException e) {
                tools.expectations().deleted(key, Meta.uid(pod));
                failure = e;
            }
        }
    }
}
