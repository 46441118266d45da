package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.reconcile.Backoff;
import io.insula.syncer.engine.SyncSpec.Direction;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The host's objects: one cache for each cluster-scoped kind, and for each other kind one per host namespace of
/// an attached tenant. Nothing else of the host is read, so that the syncer's credential need open nothing else:
/// what is in other namespaces, the host's own Secrets among it, is nobody's business here.
///
/// Kinds that the host does not serve (KubeVirt's) are looked for again at each scan; while the host has not said
/// whether it serves one, nothing is decided. A namespace that goes and comes again is listed again by the same
/// caches. Thread-safe.
final class HostCaches implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostCaches.class);
    private static final Backoff ASK_AGAIN = new Backoff(Duration.ofMillis(400), Duration.ofSeconds(5));

    /// @param managed whether it holds only what the syncer wrote
    private record Wanted(KindRef<?> kind, boolean managed) {}

    private final KubernetesClient host;
    private final Cache.Listener listener;
    private final Map<KindRef.Id, Wanted> wanted = new ConcurrentHashMap<>();
    /// Of cluster-scoped kinds, by kind.
    private final Map<KindRef.Id, Cache<?>> shared = new ConcurrentHashMap<>();
    /// Of all other kinds, by namespace and kind.
    private final Map<String, Map<KindRef.Id, Cache<?>>> namespaces = new ConcurrentHashMap<>();
    /// By namespace, what only its tenant has synced.
    private final Map<String, OwnKinds> own = new ConcurrentHashMap<>();
    /// Custom kinds that the host serves.
    private final Set<KindRef.Id> served = ConcurrentHashMap.newKeySet();
    /// Kinds of which the host has not said yet whether it serves them, and what it said instead.
    private final Map<KindRef.Id, String> undecided = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    HostCaches(KubernetesClient host, Collection<Syncer<?>> syncers, Cache.Listener listener) {
        this.host = host;
        this.listener = listener;
        for (var syncer : syncers) {
            boolean managed = syncer.spec().direction() == Direction.TENANT_TO_HOST;
            for (var kind : syncer.spec().hostKinds()) {
                wanted.merge(kind.id(), new Wanted(kind, managed), (a, b) -> a.managed() ? b : a);
            }
        }
        wanted.values().stream()
                .filter(each -> !each.kind().isBuiltIn())
                .forEach(each -> undecided.put(each.kind().id(), "not asked yet"));
    }

    /// Starts the caches of cluster-scoped kinds. Returns at once: a host that is slow or away is asked until it
    /// answers.
    void start() {
        startShared();
        Thread.ofVirtual().name("insula-syncer-discovery").start(this::discover);
    }

    /// Begins to read a tenant's namespace, whether it is there already or not. Returns at once.
    void open(String namespace) {
        open(namespace, List.of());
    }

    /// @param kinds that only its tenant has synced
    synchronized void open(String namespace, Collection<KindRef<?>> kinds) {
        if (closed.getCount() > 0) {
            own.computeIfAbsent(
                    namespace,
                    _ -> OwnKinds.start(
                            host,
                            kinds.stream()
                                    .map(kind -> new OwnKinds.Wanted(kind, false))
                                    .toList(),
                            new Cache.Scope(namespace, true),
                            listener));
            start(namespace, namespaces.computeIfAbsent(namespace, _ -> new ConcurrentHashMap<>()));
        }
    }

    /// Forgets a namespace.
    synchronized void close(String namespace) {
        var caches = namespaces.remove(namespace);
        if (caches != null) {
            caches.values().forEach(Cache::close);
        }
        var kinds = own.remove(namespace);
        if (kinds != null) {
            kinds.close();
        }
    }

    /// What only the tenant of this namespace has synced; empty where the namespace is not open.
    Optional<OwnKinds> own(String namespace) {
        return Optional.ofNullable(own.get(namespace));
    }

    private void discover() {
        var pauses = ASK_AGAIN.row();
        try {
            do {
                startServed();
            } while (!undecided.isEmpty() && !closed.await(pauses.next().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Starts caches of custom kinds that the host serves by now.
    void startServed() {
        for (var each : wanted.values()) {
            var kind = each.kind().id();
            if (each.kind().isBuiltIn() || served.contains(kind)) {
                continue;
            }
            try {
                if (host.getApiGroup(each.kind().group()) != null) {
                    served.add(kind);
                    startAll();
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

    private synchronized void startAll() {
        if (closed.getCount() > 0) {
            startShared();
            namespaces.forEach(this::start);
        }
    }

    private synchronized void startShared() {
        if (closed.getCount() > 0) {
            start("", shared);
        }
    }

    private void start(String namespace, Map<KindRef.Id, Cache<?>> caches) {
        for (var each : wanted.values()) {
            var kind = each.kind();
            if (kind.namespaced() != namespace.isEmpty() && (kind.isBuiltIn() || served.contains(kind.id()))) {
                caches.computeIfAbsent(
                        kind.id(), _ -> Cache.start(host, kind, new Cache.Scope(namespace, each.managed()), listener));
            }
        }
    }

    /// Whether the host serves a kind, as far as it has said.
    boolean isServed(KindRef<?> kind) {
        return kind.isBuiltIn() || served.contains(kind.id());
    }

    /// What is still missing before anything can be decided about what is in this namespace; empty when nothing is.
    String awaited(String namespace) {
        var missing = new TreeMap<>(undecided);
        unsynced(namespace).forEach(kind -> missing.put(kind.id(), "not listed yet"));
        return missing.isEmpty() ? "" : missing.toString();
    }

    /// Whether every kind of Kubernetes' own has been listed, the cluster-scoped ones and those of this namespace.
    /// A custom kind that is defined but cannot be listed must not stop everything else; what is decided without
    /// it is asked of the host again before anything is deleted.
    boolean areSynced(String namespace) {
        return undecided.isEmpty() && unsynced(namespace).findAny().isEmpty();
    }

    private Stream<KindRef<?>> unsynced(String namespace) {
        return wanted.values().stream()
                .<KindRef<?>>map(Wanted::kind)
                .filter(KindRef::isBuiltIn)
                .filter(kind -> cache(kind, namespace).filter(Cache::isSynced).isEmpty());
    }

    /// @param namespace of no meaning for cluster-scoped kinds
    <T extends HasMetadata> Optional<T> get(KindRef<T> kind, String namespace, String name) {
        return cache(kind, namespace).flatMap(cache -> cache.get(kind.namespaced() ? namespace : "", name));
    }

    <T extends HasMetadata> List<T> list(KindRef<T> kind, String namespace) {
        return cache(kind, namespace).map(Cache::list).orElse(List.of());
    }

    @SuppressWarnings("unchecked") // caches are keyed by kind, and a kind has one type
    private <T extends HasMetadata> Optional<Cache<T>> cache(KindRef<T> kind, String namespace) {
        var caches = kind.namespaced() ? namespaces.getOrDefault(namespace, Map.of()) : shared;
        var cache = (Cache<T>) caches.get(kind.id());
        return cache == null ? own(namespace).flatMap(kinds -> kinds.cache(kind)) : Optional.of(cache);
    }

    @Override
    public synchronized void close() {
        closed.countDown();
        shared.values().forEach(Cache::close);
        List.copyOf(namespaces.keySet()).forEach(this::close);
    }
}
