package io.insula.controlplane.service;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Somebody who writes without a pause and watches what is written, on connections that stay open, and tries nothing
/// twice.
final class RotationLoad implements AutoCloseable {

    private static final long PAUSE_MILLIS = 30;

    private final String user;
    private final KubernetesClient client;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private final AtomicInteger written = new AtomicInteger();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread writer;
    private volatile String watchEnded = "";
    private volatile int refusedWith;
    private volatile String failed = "";

    /// @param user the names of what is written begin so
    RotationLoad(String user, Config config) {
        this.user = user;
        this.client = client(config);
        var _ = client.configMaps().inNamespace("default").watch(new Watching());
        this.writer = Thread.ofVirtual().name("rotation-load-" + user).start(this::write);
    }

    static KubernetesClient client(Config config) {
        config.setRequestRetryBackoffLimit(0);
        config.setWatchReconnectLimit(0);
        config.setRequestTimeout(180_000);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private final class Watching implements Watcher<ConfigMap> {
        @Override
        public void eventReceived(Action action, ConfigMap map) {
            seen.add(map.getMetadata().getName());
        }

        @Override
        public boolean reconnecting() {
            return false;
        }

        @Override
        public void onClose() {
            watchEnded = "ended";
        }

        @Override
        public void onClose(WatcherException cause) {
            watchEnded = String.valueOf(cause);
        }
    }

    private void write() {
        try {
            while (refusedWith == 0 && failed.isEmpty() && !ending.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                client.resource(new ConfigMapBuilder()
                                .withNewMetadata()
                                .withName(name(written.get()))
                                .withNamespace("default")
                                .endMetadata()
                                .build())
                        .create();
                written.incrementAndGet();
            }
        } catch (KubernetesClientException e) {
            refusedWith = e.getCode();
            failed = String.valueOf(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String name(int n) {
        return user + "-" + n;
    }

    /// What is written from now on is written, and seen, and so has all been that was before.
    void requireUndisturbed() {
        int before = written.get();
        Patience.await(this + ": writes go on", () -> written.get() > before + 1 || !failed.isEmpty());
        int now = written.get();
        Patience.await(this + ": all is seen", () -> hasSeen(now) || !watchEnded.isEmpty());
        if (!failed.isEmpty() || !watchEnded.isEmpty()) {
            throw new AssertionError(toString());
        }
    }

    private boolean hasSeen(int first) {
        for (int i = 0; i < first; i++) {
            if (!seen.contains(name(i))) {
                return false;
            }
        }
        return true;
    }

    /// On the connection that it has, whose watch ends, too.
    void requireRefused() {
        Patience.await(this + ": writes are refused", () -> refusedWith != 0);
        Patience.await(this + ": the watch ends", () -> !watchEnded.isEmpty());
        if (refusedWith != 401) {
            throw new AssertionError(toString());
        }
    }

    @Override
    public String toString() {
        return user + " has written " + written + ", seen " + seen.size() + ", watch: \"" + watchEnded
                + "\", writes: \"" + failed + "\"";
    }

    @Override
    public void close() {
        ending.countDown();
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        client.close();
    }
}
