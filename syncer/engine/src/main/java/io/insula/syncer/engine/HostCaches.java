package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.syncer.engine.SyncSpec.Direction;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// The host's objects, one cache per kind for all tenants together. Kinds that the host does not serve (KubeVirt's) are
/// looked for again at each scan. Thread-safe.
final class HostCaches implements AutoCloseable {

    /// @param managed whether it holds only what the syncer wrote
    private record Wanted(KindRef<?> kind, boolean managed) {}

    private final KubernetesClient host;
    private final Cache.Listener listener;
    private final Map<String, Wanted> wanted = new ConcurrentHashMap<>();
    private final Map<String, Cache<?>> caches = new ConcurrentHashMap<>();

    HostCaches(KubernetesClient host, Collection<Syncer<?>> syncers, Cache.Listener listener) {
        this.host = host;
        this.listener = listener;
        for (var syncer : syncers) {
            var managed = syncer.spec().direction() == Direction.TENANT_TO_HOST;
            syncer.spec().hostKinds().forEach(kind -> wanted.put(kind.kind(), new Wanted(kind, managed)));
        }
    }

    /// Starts caches of kinds that the host serves and that have none yet.
    synchronized void startServed() {
        for (var each : wanted.values()) {
            if (!caches.containsKey(each.kind().kind()) && isServed(each.kind())) {
                caches.put(each.kind().kind(), Cache.start(host, each.kind(), each.managed(), listener));
            }
        }
    }

    /// Whether every kind of Kubernetes' own has been listed. A custom kind that is defined but cannot be listed must
    /// not
    /// stop everything else; what is decided without it is asked of the host again before anything is deleted.
    boolean areSynced() {
        return caches.values().stream().filter(cache -> isBuiltIn(cache.kind())).allMatch(Cache::isSynced);
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
    public void close() {
        caches.values().forEach(Cache::close);
    }

    private boolean isServed(KindRef<?> kind) {
        return isBuiltIn(kind) || host.getApiGroup(kind.group()) != null;
    }

    private static boolean isBuiltIn(KindRef<?> kind) {
        return kind.group().isEmpty()
                || !kind.group().contains(".")
                || kind.group().endsWith(".k8s.io");
    }
}
