package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.node.client.NodeEvent;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events of pods, from the kubelet. What is said again about a pod within its life is counted up in the same Event.
/// Thread-safe; a lost Event is only logged.
final class PodEvents {

    private static final Logger LOG = LoggerFactory.getLogger(PodEvents.class);

    private final KubernetesClient client;
    private final String node;
    private final Map<Key, Said> said = new ConcurrentHashMap<>();

    private record Key(String uid, String reason, String message) {}

    private record Said(String name, int count) {}

    PodEvents(KubernetesClient client, String node) {
        this.client = client;
        this.node = node;
    }

    void normal(Pod pod, String reason, String message) {
        say(pod, "Normal", reason, message);
    }

    void warning(Pod pod, String reason, String message) {
        say(pod, "Warning", reason, message);
    }

    void forget(String uid) {
        said.keySet().removeIf(key -> key.uid().equals(uid));
    }

    private void say(Pod pod, String type, String reason, String message) {
        try {
            said.compute(
                    new Key(pod.getMetadata().getUid(), reason, message),
                    (_, before) -> before == null ? create(pod, type, reason, message) : count(pod, before));
        } catch (KubernetesClientException e) {
            LOG.atDebug()
                    .addKeyValue("namespace", pod.getMetadata().getNamespace())
                    .addKeyValue("name", pod.getMetadata().getName())
                    .setCause(e)
                    .log("an event is lost");
        }
    }

    private Said create(Pod pod, String type, String reason, String message) {
        var made = client.v1()
                .events()
                .inNamespace(pod.getMetadata().getNamespace())
                .resource(new NodeEvent("kubelet", node).of(pod, type, reason, message))
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
}
