package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.reconcile.Backoff;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The kinds that one tenant alone has synced, on one of both sides: which of them its API server serves as they are
/// meant, and a cache of each that it does. One that is not served holds nothing else back; it is asked for until
/// somebody defines it, and now and then afterwards. Thread-safe; one virtual thread.
final class OwnKinds implements AutoCloseable {

    private static final Backoff ASK_AGAIN = new Backoff(Duration.ofMillis(400), Duration.ofSeconds(5));
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
    private static final String NOT_ASKED = "has not said yet what it serves";

    private final KubernetesClient client;
    private final List<Wanted> kinds;
    private final Cache.Scope scope;
    private final Cache.Listener listener;
    private final Map<KindRef.Id, Cache<?>> caches = new ConcurrentHashMap<>();
    /// What is in the way of a kind; empty texts for nothing.
    private final Map<KindRef.Id, String> objections = new ConcurrentHashMap<>();
    private final Set<KindRef.Id> notServed = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);

    /// @param status whether its objects must have a status that can be written
    record Wanted(KindRef<?> kind, boolean status) {}

    private OwnKinds(KubernetesClient client, Collection<Wanted> kinds, Cache.Scope scope, Cache.Listener listener) {
        this.client = client;
        this.kinds = List.copyOf(kinds);
        this.scope = scope;
        this.listener = listener;
        this.kinds.forEach(each -> objections.put(each.kind().id(), NOT_ASKED));
    }

    /// Begins to ask; returns at once.
    static OwnKinds start(
            KubernetesClient client, Collection<Wanted> kinds, Cache.Scope scope, Cache.Listener listener) {
        var own = new OwnKinds(client, kinds, scope, listener);
        if (!own.kinds.isEmpty()) {
            Thread.ofVirtual().name("insula-syncer-own-kinds").start(own::look);
        }
        return own;
    }

    private void look() {
        var pauses = ASK_AGAIN.row();
        try {
            do {
                kinds.forEach(this::look);
            } while (!closed.await(pause(pauses).toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration pause(Backoff.Row pauses) {
        return objections.values().stream().allMatch(String::isEmpty) ? LOOK_AGAIN : pauses.next();
    }

    private void look(Wanted wanted) {
        var kind = wanted.kind();
        List<APIResource> served;
        try {
            served = resources(kind);
        } catch (KubernetesClientException e) {
            // what it served it most likely serves still
            if (!caches.containsKey(kind.id())) {
                objections.put(kind.id(), "does not say what it serves: " + e.getMessage());
            }
            return;
        }
        var found = served.stream()
                .filter(each -> each.getName().equals(kind.plural()))
                .findFirst();
        var objection = found.map(each -> objection(wanted, each, served)).orElse("does not serve " + named(kind));
        if (objection.isEmpty()) {
            start(kind);
        } else {
            stop(kind);
        }
        objections.put(kind.id(), objection);
        if (found.isEmpty()) {
            notServed.add(kind.id());
        } else {
            notServed.remove(kind.id());
        }
    }

    private synchronized void start(KindRef<?> kind) {
        if (closed.getCount() > 0) {
            caches.computeIfAbsent(kind.id(), _ -> Cache.start(client, kind, scope, listener));
        }
    }

    /// What was seen of it may not be so any more when it is served again.
    private synchronized void stop(KindRef<?> kind) {
        var cache = caches.remove(kind.id());
        if (cache != null) {
            cache.close();
        }
    }

    private List<APIResource> resources(KindRef<?> kind) {
        var served = client.getApiResources(kind.apiVersion());
        return served == null ? List.of() : served.getResources();
    }

    private static String objection(Wanted wanted, APIResource found, List<APIResource> served) {
        var kind = wanted.kind();
        if (!found.getKind().equals(kind.kind())) {
            return "serves " + named(kind) + " as kind " + found.getKind() + ", not " + kind.kind();
        }
        if (Boolean.TRUE.equals(found.getNamespaced()) != kind.namespaced()) {
            return "serves " + named(kind) + (kind.namespaced() ? " outside of namespaces" : " in namespaces");
        }
        var status = kind.plural() + "/status";
        return wanted.status()
                        && served.stream().noneMatch(each -> each.getName().equals(status))
                ? "serves " + named(kind) + " without the subresource status, by which the host's comes back"
                : "";
    }

    private static String named(KindRef<?> kind) {
        return kind.plural() + " of " + kind.apiVersion();
    }

    /// What is in the way of a kind, about the API server; empty where nothing is, and for what is not among these.
    Optional<String> objectionTo(KindRef<?> kind) {
        return Optional.ofNullable(objections.get(kind.id())).filter(text -> !text.isEmpty());
    }

    /// Whether the API server has said that it does not serve a kind.
    boolean isNotServed(KindRef<?> kind) {
        return notServed.contains(kind.id());
    }

    boolean has(KindRef<?> kind) {
        return objections.containsKey(kind.id());
    }

    /// Whether it is served and all of it has been listed.
    boolean isListed(KindRef<?> kind) {
        var cache = caches.get(kind.id());
        return cache != null && cache.isSynced() && objectionTo(kind).isEmpty();
    }

    Collection<Cache<?>> caches() {
        return List.copyOf(caches.values());
    }

    @SuppressWarnings("unchecked") // caches are keyed by kind, and a kind has one type
    <T extends HasMetadata> Optional<Cache<T>> cache(KindRef<T> kind) {
        return Optional.ofNullable((Cache<T>) caches.get(kind.id()));
    }

    @Override
    public synchronized void close() {
        closed.countDown();
        caches.values().forEach(Cache::close);
    }
}
