package io.insula.it.bench;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.insula.it.bench.Load.Client;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Pods that a node really runs, made through its API server and followed by a watch. Thread-safe; who
/// shares a lane takes turns for requests, not for waits.
final class NodePods implements AutoCloseable {

    static final String NAMESPACE = "insula-bench-node";
    static final String CONTAINER = "main";

    private static final long PATIENCE_SECONDS = 300;

    private final Target target;
    private final String image;
    private final Pods namespace;
    private final Map<String, CompletableFuture<Pod>> running = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Pod>> gone = new ConcurrentHashMap<>();
    private final Watch watch;

    NodePods(Target target, KubernetesClient client, String image) throws IOException {
        this.target = target;
        this.image = image;
        namespace = new Pods(target, NAMESPACE);
        namespace.prepare();
        watch = client.pods().inNamespace(NAMESPACE).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                seen(action, pod);
            }

            @Override
            public void onClose(WatcherException cause) {
                running.values().forEach(each -> each.completeExceptionally(cause));
            }
        });
    }

    private void seen(Watcher.Action action, Pod pod) {
        String name = pod.getMetadata().getName();
        if (action == Watcher.Action.DELETED) {
            gone(name).complete(pod);
        } else if ("Running".equals(pod.getStatus().getPhase())) {
            running(name).complete(pod);
        }
    }

    private CompletableFuture<Pod> running(String name) {
        return running.computeIfAbsent(name, _ -> new CompletableFuture<>());
    }

    private CompletableFuture<Pod> gone(String name) {
        return gone.computeIfAbsent(name, _ -> new CompletableFuture<>());
    }

    /// A connection to the API server.
    HttpLane lane() {
        return namespace.lane();
    }

    /// Makes a pod with the container's command and waits until it runs.
    Pod run(HttpLane lane, String name, String command) throws Exception {
        synchronized (lane) {
            lane.post(namespace.path(), manifest(name, command));
        }
        return running(name).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /// That does nothing.
    Client sleeping(HttpLane lane, String name) {
        return () -> run(lane, name, "exec sleep 1000000");
    }

    /// Asks for its end as `kubectl delete` does and waits until the node has ended it.
    void end(HttpLane lane, String name) throws Exception {
        synchronized (lane) {
            lane.delete(namespace.path() + "/" + name);
        }
        gone(name).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Target target() {
        return target;
    }

    private byte[] manifest(String name, String command) {
        return """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"%s"},
                "spec":{"nodeName":"%s","automountServiceAccountToken":false,"terminationGracePeriodSeconds":1,
                "enableServiceLinks":false,"dnsPolicy":"Default",
                "containers":[{"name":"%s","image":"%s","command":["sh","-c","%s"]}]}}
                """.formatted(name, NAMESPACE, NodeProcess.NAME, CONTAINER, image, command)
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Where the kubelet's API of the node is.
    static String server(KubernetesClient client) {
        var status = client.nodes().withName(NodeProcess.NAME).require().getStatus();
        return status.getAddresses().stream()
                        .filter(each -> each.getType().equals("InternalIP"))
                        .findFirst()
                        .orElseThrow()
                        .getAddress()
                + ":" + status.getDaemonEndpoints().getKubeletEndpoint().getPort();
    }

    @Override
    public void close() throws IOException {
        watch.close();
        namespace.remove();
    }
}
