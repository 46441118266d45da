package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells when a tenant's pod has gone, another of its name in its place or not. Thread-safe: guarded by itself.
final class OwnPodWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OwnPodWatch.class);

    private final Supplier<ObjectClient> tenant;
    private final ObjectNode pod;
    private final Runnable gone;
    private @Nullable AutoCloseable watch;
    private boolean closed;

    /// @param gone called once it has gone, perhaps more than once; may block
    OwnPodWatch(Supplier<ObjectClient> tenant, ObjectNode pod, Runnable gone) {
        this.tenant = tenant;
        this.pod = pod;
        this.gone = gone;
        look();
    }

    /// Now, and from now on. A watch that ends (a store that was compacted, a server that stops) is begun again.
    private void look() {
        try {
            var now = tenant.get().get(PodPairs.PODS, Meta.namespace(pod), Meta.name(pod));
            if (now.isEmpty() || !Meta.uid(now.get()).equals(Meta.uid(pod))) {
                gone.run();
                return;
            }
            follow(now.get().path("metadata").path("resourceVersion").asText());
        } catch (RuntimeException e) {
            // nobody can tell whose pod it is any more: a server that stops, a store that is gone
            LOG.atDebug().setCause(e).log("a tenant's pod cannot be watched");
            gone.run();
        }
    }

    private synchronized void follow(String since) {
        if (closed) {
            return;
        }
        watch = tenant.get()
                .watch(
                        PodPairs.PODS,
                        Meta.namespace(pod),
                        since,
                        new ObjectClient.Query("", "metadata.name=" + Meta.name(pod)),
                        new ObjectClient.WatchHandler() {
                            @Override
                            public void onEvent(String type, ObjectNode changed) {
                                if (type.equals("DELETED") || !Meta.uid(changed).equals(Meta.uid(pod))) {
                                    Thread.ofVirtual().name("pod-gone").start(gone);
                                }
                            }

                            @Override
                            public void onEnd() {
                                Thread.ofVirtual().name("pod-watch").start(OwnPodWatch.this::look);
                            }
                        });
    }

    @Override
    public synchronized void close() {
        closed = true;
        AutoCloseable running = watch;
        watch = null;
        if (running != null) {
            try {
                running.close();
            } catch (Exception e) {
                throw new IllegalStateException("a watch did not end", e);
            }
        }
    }
}
