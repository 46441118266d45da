package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.EventRecorder;
import io.insula.tenantapi.controllers.Expectations;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.PodWriter;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What the passes over all Jobs of a tenant share. Thread-safe.
///
/// @param backOffs by Job
/// @param released uids of pods by Job whose finalizer is gone though the cache may not show it yet
record JobTools(
        ObjectClient client,
        Clock clock,
        EventRecorder events,
        PodWriter writer,
        Expectations expectations,
        Map<Key, JobBackOff> backOffs,
        Map<Key, Set<String>> released) {

    private static final int ATTEMPTS = 10;

    JobTools(ObjectClient client, Clock clock, EventRecorder events) {
        this(
                client,
                clock,
                events,
                new PodWriter(client, events),
                new Expectations(clock),
                new ConcurrentHashMap<>(),
                new ConcurrentHashMap<>());
    }

    boolean isReleased(Key job, String podUid) {
        return released.getOrDefault(job, Set.of()).contains(podUid);
    }

    /// Takes the tracking finalizer from a pod, which may be gone. Noted first: the event may be faster than the
    /// answer.
    void release(Key job, ObjectNode pod) {
        released.compute(job, (k, uids) -> {
            Set<String> all = uids == null ? ConcurrentHashMap.newKeySet() : uids;
            all.add(Meta.uid(pod));
            return all;
        });
        try {
            removeFinalizerOf(pod);
        } catch (ApiException e) {
            observed(job, Meta.uid(pod));
            throw e;
        }
    }

    private void removeFinalizerOf(ObjectNode pod) {
        ObjectNode current = pod;
        for (int attempt = 1; ; attempt++) {
            try {
                removeFinalizer(current);
                return;
            } catch (ApiException e) {
                if (e.is("NotFound")) {
                    return;
                }
                if (!e.is("Conflict") || attempt == ATTEMPTS) {
                    throw e;
                }
                Optional<ObjectNode> live = client.get(Resources.PODS, Meta.namespace(pod), Meta.name(pod));
                if (live.isEmpty() || !Meta.uid(live.get()).equals(Meta.uid(pod))) {
                    return;
                }
                current = live.get();
            }
        }
    }

    /// The cache shows a pod without the finalizer, or its end.
    void observed(Key job, String podUid) {
        released.computeIfPresent(job, (k, uids) -> {
            uids.remove(podUid);
            return uids.isEmpty() ? null : uids;
        });
    }

    void forget(Key job) {
        expectations.forget(job);
        backOffs.remove(job);
        released.remove(job);
    }

    private void removeFinalizer(ObjectNode pod) {
        if (!JobPods.isTracked(pod)) {
            return;
        }
        ObjectNode patch = MergePatches.asRead(pod);
        ArrayNode left = Meta.of(patch).putArray("finalizers");
        Meta.finalizers(pod).stream().filter(f -> !f.equals(JobPods.FINALIZER)).forEach(left::add);
        client.mergePatch(Resources.PODS, Meta.namespace(pod), Meta.name(pod), "", patch);
    }
}
