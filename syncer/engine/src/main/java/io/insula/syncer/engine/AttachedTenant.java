package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Syncer.Reference;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One tenant between attach and detach: its client, its caches (all new at each attach, so that synced means
/// synced since then), and who names what. Thread-safe.
final class AttachedTenant implements TenantView, AutoCloseable {

    private final TenantAttachment attachment;
    private final NameMap names;
    private final KubernetesClient client;
    private final Api api;
    private final HostCaches host;
    private final HostFacts facts;
    private final Syncers syncers;
    private final BulkBreaker breaker;
    private final BulkBreaker tenantBreaker;
    private final HostNamespace hostNamespace = new HostNamespace();
    private final InstantSource clock;
    private final Map<KindRef.Id, Cache<?>> caches = new ConcurrentHashMap<>();
    private volatile @Nullable OwnKinds own;
    private final ReferenceGraph<SyncKey, Reference> tenantReferences = new ReferenceGraph<>();
    private final ReferenceGraph<HostObject, Reference> hostReferences = new ReferenceGraph<>();
    /// Uid by key of objects whose deletion a watch event told of, until the host object is gone too.
    private final Map<SyncKey, String> witnessed = new ConcurrentHashMap<>();
    /// Uid by key of tenant objects whose host object's deletion a watch event of the host told of.
    private final Map<SyncKey, String> hostWitnessed = new ConcurrentHashMap<>();
    private final Instant since;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Map<String, Long> mismatches = Map.of();
    /// All caches that there will be.
    private volatile boolean started;

    private volatile boolean setBack;
    private final AtomicLong scans = new AtomicLong();

    /// An object in the tenant's host namespace, that names others.
    record HostObject(String apiVersion, String kind, String name) {
        static HostObject of(HasMetadata object) {
            return new HostObject(
                    object.getApiVersion(),
                    object.getKind(),
                    object.getMetadata().getName());
        }
    }

    AttachedTenant(
            TenantAttachment attachment,
            KubernetesClient client,
            Api api,
            HostCaches host,
            HostFacts facts,
            Syncers shared,
            BulkBreaker breaker,
            BulkBreaker tenantBreaker,
            InstantSource clock) {
        this.attachment = attachment;
        this.names = new NameMap(attachment.tenant());
        this.client = client;
        this.api = api;
        this.host = host;
        this.facts = facts;
        this.syncers = shared.and(attachment.own());
        this.breaker = breaker;
        this.tenantBreaker = tenantBreaker;
        this.clock = clock;
        this.since = clock.instant();
        this.setBack = attachment.setBack();
    }

    void startCaches(Cache.Listener listener) {
        for (var syncer : syncers.all()) {
            if (attachment.own().contains(syncer)) {
                continue;
            }
            if (syncer.spec().watchTenant()) {
                start(syncer.spec().kind(), listener);
            }
            syncer.looksAt().forEach(kind -> start(kind, listener));
        }
        own = OwnKinds.start(
                client, attachment.own().stream().map(AttachedTenant::wanted).toList(), Cache.Scope.ALL, listener);
        started = true;
    }

    private static OwnKinds.Wanted wanted(Syncer<?> syncer) {
        var spec = syncer.spec();
        return new OwnKinds.Wanted(
                spec.kind(), spec.tenantVerbs().containsKey(SyncSpec.resource(spec.kind()) + "/status"));
    }

    /// Kinds that this tenant alone has synced.
    List<KindRef<?>> ownKinds() {
        return attachment.own().stream()
                .<KindRef<?>>map(syncer -> syncer.spec().kind())
                .toList();
    }

    /// All that decide for it.
    Syncers syncers() {
        return syncers;
    }

    /// Whether both sides have been listed, of a kind that either may not serve. Of others nobody asks before.
    boolean isDecidable(Syncer<?> syncer) {
        var kind = syncer.spec().kind();
        var here = own;
        if (here == null || !here.has(kind)) {
            return true;
        }
        var there = host.own(id().hostNamespace());
        if (there.isEmpty()) {
            return false;
        }
        return isUp(syncer)
                // whatever the host has, nothing of it is shown any more
                ? here.isListed(kind) && (there.get().isListed(kind) || syncer.isLeaving())
                : there.get().isListed(kind) && (here.isListed(kind) || (syncer.isLeaving() && here.isNotServed(kind)));
    }

    private static boolean isUp(Syncer<?> syncer) {
        return syncer.spec().direction() == SyncSpec.Direction.HOST_TO_TENANT;
    }

    /// How far each kind is that this tenant alone has synced.
    List<OwnKindState> ownKindStates() {
        var here = own;
        var there = host.own(id().hostNamespace());
        if (here == null || there.isEmpty()) {
            return List.of();
        }
        return attachment.own().stream()
                .map(syncer -> state(syncer, here, there.get()))
                .toList();
    }

    private OwnKindState state(Syncer<?> syncer, OwnKinds here, OwnKinds there) {
        var kind = syncer.spec().kind();
        return new OwnKindState(
                syncer.spec().name(),
                there.objectionTo(kind).orElse(""),
                here.objectionTo(kind).orElse(""),
                (isUp(syncer) ? here : there).isNotServed(kind),
                isListed() && isDecidable(syncer),
                isUp(syncer) ? shown(kind) : hostObjects(kind).size());
    }

    private int shown(KindRef<?> kind) {
        return (int) tenantObjects(kind).stream()
                .map(object -> object.getMetadata().getAnnotations())
                .filter(notes -> notes != null && notes.containsKey(InsulaLabels.SHOWN))
                .count();
    }

    private void start(KindRef<?> kind, Cache.Listener listener) {
        caches.computeIfAbsent(kind.id(), _ -> Cache.start(client, kind, Cache.Scope.ALL, listener));
    }

    TenantId id() {
        return attachment.tenant();
    }

    Api api() {
        return api;
    }

    /// Of deletes on the host.
    BulkBreaker breaker() {
        return breaker;
    }

    /// Of deletes in the tenant.
    BulkBreaker tenantBreaker() {
        return tenantBreaker;
    }

    HostNamespace hostNamespace() {
        return hostNamespace;
    }

    ReferenceGraph<SyncKey, Reference> tenantReferences() {
        return tenantReferences;
    }

    ReferenceGraph<HostObject, Reference> hostReferences() {
        return hostReferences;
    }

    /// Whether both sides have been listed: nothing is decided before.
    boolean isListed() {
        return host.areSynced(id().hostNamespace()) && areSynced();
    }

    /// Not before the caches have started: who looks at a tenant meanwhile would take it for one that has nothing.
    boolean areSynced() {
        return started && caches.values().stream().allMatch(Cache::isSynced);
    }

    Collection<Cache<?>> caches() {
        var here = own;
        return here == null
                ? caches.values()
                : Stream.concat(caches.values().stream(), here.caches().stream())
                        .toList();
    }

    Map<String, Long> mismatches() {
        return mismatches;
    }

    void mismatches(Map<String, Long> counted) {
        mismatches = Map.copyOf(counted);
    }

    long scans() {
        return scans.get();
    }

    void scanned() {
        scans.incrementAndGet();
    }

    void witness(SyncKey key, HasMetadata deleted) {
        witnessed.put(key, Objects.requireNonNullElse(deleted.getMetadata().getUid(), ""));
    }

    boolean isWitnessed(SyncKey key, String uid) {
        return uid.equals(witnessed.get(key));
    }

    void witnessHost(SyncKey key, String uid) {
        hostWitnessed.put(key, uid);
    }

    void seenOnHost(SyncKey key) {
        hostWitnessed.remove(key);
    }

    boolean isWitnessedOnHost(SyncKey key, @Nullable String uid) {
        return uid != null && uid.equals(hostWitnessed.get(key));
    }

    void forget(SyncKey key) {
        witnessed.remove(key);
        hostWitnessed.remove(key);
    }

    /// Its store was found to be older than what the host has of it.
    void foundSetBack() {
        setBack = true;
    }

    /// A person knows of it.
    void foundNotSetBack() {
        setBack = false;
    }

    boolean isSetBack() {
        return setBack;
    }

    /// Which lists are still missing.
    String awaited() {
        return caches.values().stream()
                .filter(cache -> !cache.isSynced())
                .map(cache -> cache.kind().id().toString())
                .sorted()
                .collect(Collectors.joining(", "));
    }

    boolean isClosed() {
        return closed.getCount() == 0;
    }

    boolean awaitClosed(Duration patience) throws InterruptedException {
        return closed.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// When it was attached.
    Instant since() {
        return since;
    }

    @Override
    public NameMap names() {
        return names;
    }

    @Override
    public TenantProfiles profiles() {
        return attachment.profiles().get();
    }

    @Override
    public <T extends HasMetadata> Optional<T> tenantObject(KindRef<T> kind, String namespace, String name) {
        return cache(kind).flatMap(cache -> cache.get(namespace, name));
    }

    @Override
    public <T extends HasMetadata> List<T> tenantObjects(KindRef<T> kind) {
        return cache(kind).map(Cache::list).orElse(List.of());
    }

    @SuppressWarnings("unchecked") // caches are keyed by kind, and a kind has one type
    private <T extends HasMetadata> Optional<Cache<T>> cache(KindRef<T> kind) {
        var cache = (Cache<T>) caches.get(kind.id());
        var here = own;
        return cache != null || here == null ? Optional.ofNullable(cache) : here.cache(kind);
    }

    @Override
    public URI apiServer() {
        return attachment.apiServer();
    }

    @Override
    public Optional<HostRanges> hostRanges() {
        return facts.ranges();
    }

    @Override
    public Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }

    @Override
    public <T extends HasMetadata> Optional<T> hostObject(KindRef<T> kind, String hostName) {
        return host.get(kind, id().hostNamespace(), hostName);
    }

    @Override
    public <T extends HasMetadata> List<T> hostObjects(KindRef<T> kind) {
        return host.list(kind, id().hostNamespace());
    }

    @Override
    public boolean isServed(KindRef<?> kind) {
        return host.isServed(kind);
    }

    @Override
    public boolean isLostOnHost(HasMetadata tenantObject) {
        return hostNamespace.isLost(tenantObject.getMetadata().getUid());
    }

    @Override
    public boolean isReferenced(String kind, String namespace, String name) {
        return tenantReferences.isNamed(new Reference(kind, namespace, name))
                || hostReferences.isNamed(new Reference(kind, "", names.hostName(kind, namespace, name)));
    }

    /// What is newly or no longer named by a tenant object.
    Set<Reference> named(SyncKey source, Set<Reference> targets) {
        return tenantReferences.set(source, targets);
    }

    @Override
    public void close() {
        closed.countDown();
        caches.values().forEach(Cache::close);
        var here = own;
        if (here != null) {
            here.close();
        }
        if (api instanceof WatchedApi watched) {
            watched.close();
        }
        client.close();
    }
}
