package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.syncer.engine.SyncSpec.Direction;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host's objects, one cache per kind for all tenants together. Kinds that the host does not serve (KubeVirt's) are
/// looked for again at each scan; while the host has not said whether it serves one, nothing is decided. Thread-safe.
final class HostCaches implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostCaches.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /// @param managed whether it holds only what the syncer wrote
    private record Wanted(KindRef<?> kind, boolean managed) {}

    private final KubernetesClient host;
    private final Cache.Listener listener;
    private final Map<String, Wanted> wanted = new ConcurrentHashMap<>();
    private final Map<String, Cache<?>> caches = new ConcurrentHashMap<>();
    /// Kinds of which the host has not said yet whether it serves them, and what it said instead.
    private final Map<String, String> undecided = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    HostCaches(KubernetesClient host, Collection<Syncer<?>> syncers, Cache.Listener listener) {
        this.host = host;
        this.listener = listener;
        for (var syncer : syncers) {
            var managed = syncer.spec().direction() == Direction.TENANT_TO_HOST;
            syncer.spec().hostKinds().forEach(kind -> wanted.put(kind.kind(), new Wanted(kind, managed)));
        }
        wanted.values().stream()
                .filter(each -> !isBuiltIn(each.kind()))
                .forEach(each -> undecided.put(each.kind().kind(), "not asked yet"));
    }

    /// Starts all caches. Returns at once: a host that is slow or away is asked until it answers.
    void start() {
        for (var each : wanted.values()) {
            if (isBuiltIn(each.kind())) {
                start(each);
            }
        }
        Thread.ofVirtual().name("insula-syncer-discovery").start(this::discover);
    }

    private void discover() {
        var pause = FIRST_PAUSE;
        try {
            do {
                startServed();
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            } while (!undecided.isEmpty() && !closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Starts caches of custom kinds that the host serves and that have none yet.
    void startServed() {
        for (var each : wanted.values()) {
            var kind = each.kind().kind();
            if (caches.containsKey(kind) || isBuiltIn(each.kind())) {
                continue;
            }
            try {
                if (host.getApiGroup(each.kind().group()) != null) {
                    start(each);
                }
                undecided.remove(kind);
            } catch (KubernetesClientException e) {
                if (closed.getCount() > 0 && undecided.replace(kind, String.valueOf(e.getMessage())) != null) {
                    LOG.atWarn()
                            .addKeyValue("kind", kind)
                            .addKeyValue("error", e.getMessage())
                            .log("the host does not say yet whether it serves a kind; it is asked again");
                }
            }
        }
    }

    private synchronized void start(Wanted each) {
        if (closed.getCount() > 0 && !caches.containsKey(each.kind().kind())) {
            caches.put(each.kind().kind(), Cache.start(host, each.kind(), each.managed(), listener));
        }
    }

    /// What is still missing before anything can be decided; empty when nothing is.
    String awaited() {
        var missing = new TreeMap<>(undecided);
        caches.values().stream()
                .filter(cache -> isBuiltIn(cache.kind()) && !cache.isSynced())
                .forEach(cache -> missing.put(cache.kind().kind(), "not listed yet"));
        return missing.isEmpty() ? "" : missing.toString();
    }

    /// Whether every kind of Kubernetes' own has been listed. A custom kind that is defined but cannot be listed must
    /// not
    /// stop everything else; what is decided without it is asked of the host again before anything is deleted.
    boolean areSynced() {
        return undecided.isEmpty()
                && caches.values().stream()
                        .filter(cache -> isBuiltIn(cache.kind()))
                        .allMatch(Cache::isSynced);
    }

    /// @param namespace empty for cluster-scoped kinds
    @SuppressWarnings("unchecked") // caches are keyed by kind, and a kind has one type
    <T extends HasMetadata> Optional<T> get(KindRef<T> kind, String namespace, String name) {
        var cache = (Cache<T>) caches.get(kind.kind());
        return cache == null ? Optional.empty() : cache.get(kind.namespaced() ? namespace : "", name);
    }

    @SuppressWarnings("unchecked") // as above
    <T extends HasMetadata> List<T> list(KindRef<T> kind, String namespace) {
        var cache = (Cache<T>) caches.get(kind.kind());
        if (cache == null) {
            return List.of();
        }
        return kind.namespaced() ? cache.list(namespace) : cache.list();
    }

    @Override
    public synchronized void close() {
        closed.countDown();
        caches.values().forEach(Cache::close);
    }

    private static boolean isBuiltIn(KindRef<?> kind) {
        return kind.group().isEmpty()
                || !kind.group().contains(".")
                || kind.group().endsWith(".k8s.io");
    }
}
