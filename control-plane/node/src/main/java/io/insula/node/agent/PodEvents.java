package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.node.client.NodeEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events of pods, from the kubelet. What is said again about a pod within its life is counted up in the same Event.
/// Thread-safe; a lost Event is only logged. One virtual thread tells those that nobody waits for, joined by [#close].
final class PodEvents implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PodEvents.class);
    /// Further ones are lost. Source: client-go, `tools/record`, `maxQueuedEvents`.
    private static final int QUEUED = 1000;
    /// How long the last ones have at the end.
    private static final Duration LAST = Duration.ofSeconds(5);

    private final KubernetesClient client;
    private final String node;
    private final Map<Key, Said> said = new ConcurrentHashMap<>();
    private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(QUEUED);
    private final Thread teller;
    private volatile boolean ended;

    private record Key(String uid, String reason, String message) {}

    private record Said(String name, int count) {}

    PodEvents(KubernetesClient client, String node) {
        this.client = client;
        this.node = node;
        this.teller = Thread.ofVirtual().name("insula-pod-events " + node).start(this::tell);
    }

    private void tell() {
        try {
            while (!ended) {
                queue.take().run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Of what goes well: said in order, but without a wait for the API server, as a start has several of these.
    void soon(Pod pod, String reason, String message) {
        Event event = event(pod, "Normal", reason, message);
        if (!queue.offer(() -> say(pod, event))) {
            LOG.atDebug()
                    .addKeyValue("name", pod.getMetadata().getName())
                    .addKeyValue("reason", reason)
                    .log("an event is lost: too many wait");
        }
    }

    void normal(Pod pod, String reason, String message) {
        say(pod, event(pod, "Normal", reason, message));
    }

    void warning(Pod pod, String reason, String message) {
        say(pod, event(pod, "Warning", reason, message));
    }

    /// Nothing is said of the pod any more but what has been said.
    void forget(String uid) {
        Runnable forgetting = () -> said.keySet().removeIf(key -> key.uid().equals(uid));
        if (!queue.offer(forgetting)) {
            forgetting.run();
        }
    }

    private Event event(Pod pod, String type, String reason, String message) {
        return new NodeEvent("kubelet", node).of(pod, type, reason, message);
    }

    private void say(Pod pod, Event event) {
        try {
            said.compute(
                    new Key(pod.getMetadata().getUid(), event.getReason(), event.getMessage()),
                    (_, before) -> before == null ? create(pod, event) : count(pod, before));
        } catch (KubernetesClientException e) {
            LOG.atDebug()
                    .addKeyValue("namespace", pod.getMetadata().getNamespace())
                    .addKeyValue("name", pod.getMetadata().getName())
                    .setCause(e)
                    .log("an event is lost");
        }
    }

    private Said create(Pod pod, Event event) {
        var made = client.v1()
                .events()
                .inNamespace(pod.getMetadata().getNamespace())
                .resource(event)
                .create();
        return new Said(made.getMetadata().getName(), 1);
    }

    private Said count(Pod pod, Said before) {
        int count = before.count() + 1;
        client.v1()
                .events()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(before.name())
                .edit(event -> new EventBuilder(event)
                        .withCount(count)
                        .withLastTimestamp(PodStatuses.text(Instant.now()))
                        .build());
        return new Said(before.name(), count);
    }

    /// Tells what is still to be told, as far as the API server takes it soon.
    @Override
    public void close() {
        try {
            if (queue.offer(() -> ended = true)) {
                teller.join(LAST);
            }
            teller.interrupt();
            teller.join();
        } catch (InterruptedException e) {
            teller.interrupt();
            Thread.currentThread().interrupt();
        }
    }
}
