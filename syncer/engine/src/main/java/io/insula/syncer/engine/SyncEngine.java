package io.insula.syncer.engine;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.reconcile.FairOrder;
import io.insula.reconcile.LoopMeter;
import io.insula.reconcile.OwnThreads;
import io.insula.reconcile.ReconcileLoop;
import io.insula.syncer.engine.SyncAudit.Side;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All tenants' syncing in one process: started once with the host, then tenants are attached and detached at
/// run time.
///
/// ```java
/// var engine = SyncEngine.start(host, syncers, SyncSettings.DEFAULT, audit);
/// engine.attach(new TenantAttachment(new TenantId("acme"), config, 1, () -> profiles));
/// engine.detach(new TenantId("acme"));        // leaves the host's objects as they are
/// engine.close();
/// ```
///
/// The tenant's host namespace must exist, and the syncer be allowed in it what [HostRights] says. Thread-safe.
public final class SyncEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SyncEngine.class);
    private static final Duration LISTS_WITHIN = Duration.ofSeconds(30);
    private static final String OR_RELEASE =
            ", or until a person who has looked annotates the Tenant with " + InsulaLabels.RELEASE_DELETES;

    /// As metrics name it.
    public static final String LOOP = "syncer";

    private static final Duration FACTS_RETRY = Duration.ofSeconds(1);

    private final SyncSettings settings;
    private final InstantSource clock;
    private final Syncers syncers;
    private final EventKeys events;
    private final HostCaches hostCaches;
    private final HostFacts hostFacts;
    private final DeleteGuard guard;
    private final FairOrder<SyncKey, TenantId> order = new FairOrder<>(SyncKey::tenant);
    private final ReconcileLoop<SyncKey> loop;
    private final WatchedApi hostApi;
    private final SyncReconciler reconciler;
    private final DriftScan drift;
    private final NamespaceKeeper namespaces;
    private final Map<TenantId, AttachedTenant> tenants = new ConcurrentHashMap<>();
    private final SyncMeter syncMeter;
    private final OwnThreads threads = OwnThreads.named("insula-syncer");

    private SyncEngine(
            KubernetesClient host,
            Collection<Syncer<?>> syncers,
            SyncSettings settings,
            SyncAudit audit,
            LoopMeter meter,
            SyncMeter syncMeter) {
        this.syncMeter = syncMeter;
        this.settings = settings;
        this.clock = InstantSource.system();
        this.syncers = Syncers.of(syncers);
        this.events = new EventKeys(this.syncers, tenants, this::enqueue);
        this.hostCaches = new HostCaches(host, syncers, events);
        this.hostApi = new WatchedApi("the host", new HttpApi(host, settings.requestTimeout()), this::enqueue, clock);
        this.hostFacts = new HostFacts(hostApi, settings.hostRanges());
        this.guard = new DeleteGuard(hostApi);
        var writer = new Writer(hostApi, hostCaches, guard, audit, clock);
        var decisions = new Decisions(clock);
        this.reconciler = new SyncReconciler(
                id -> Optional.ofNullable(tenants.get(id)),
                hostApi,
                decisions::of,
                writer,
                new HostRefusals(writer, clock),
                this::namespaceInDoubt,
                this::failures,
                clock,
                syncMeter);
        this.loop = new ReconcileLoop<>(
                ReconcileLoop.Settings.<SyncKey>of(LOOP, settings.workers(), settings.retry())
                        .order(order)
                        .meter(meter),
                threads.lent(),
                reconciler);
        this.drift = new DriftScan(decisions, writer, this::differs);
        this.namespaces = new NamespaceKeeper(guard, decisions, drift, writer, loop::add);
    }

    /// Returns at once; what the host does not answer now is asked again until it does.
    ///
    /// @param host a client of the host cluster, best with [#hostConfig]; stays the caller's
    /// @throws IllegalStateException if two syncers have one name
    public static SyncEngine start(
            KubernetesClient host, Collection<Syncer<?>> syncers, SyncSettings settings, SyncAudit audit) {
        return start(host, syncers, settings, audit, LoopMeter.NONE, SyncMeter.NONE);
    }

    /// As the other, counted.
    public static SyncEngine start(
            KubernetesClient host,
            Collection<Syncer<?>> syncers,
            SyncSettings settings,
            SyncAudit audit,
            LoopMeter meter,
            SyncMeter syncMeter) {
        var engine = new SyncEngine(host, syncers, settings, audit, meter, syncMeter);
        engine.hostCaches.start();
        engine.loop.open();
        Thread.ofVirtual().name("insula-syncer-host-facts").start(engine::readFacts);
        var _ = engine.threads
                .timer()
                .scheduleWithFixedDelay(
                        () -> Thread.ofVirtual().name("insula-syncer-scan").start(engine::scan),
                        settings.scan().toMillis(),
                        settings.scan().toMillis(),
                        TimeUnit.MILLISECONDS);
        return engine;
    }

    /// How a client for the engine is best configured: quick to come back after an outage, and without retries that
    /// would hold a worker.
    public static Config hostConfig(Config config) {
        return Connections.direct(config);
    }

    /// Of what waits, an attached tenant has so many turns in a row from now on; nothing of one that is not attached.
    ///
    /// @param weight at least 1
    public void weigh(TenantId tenant, int weight) {
        order.reweigh(tenant, weight);
    }

    /// Begins to sync. A tenant that is attached already is detached first.
    ///
    /// @throws IllegalStateException if a syncer of its own has the name of another
    public void attach(TenantAttachment attachment) {
        detach(attachment.tenant());
        KubernetesClient client = Connections.open(
                Connections.direct(attachment.access().get()), attachment.access(), attachment.shortcut());
        var tenant = new AttachedTenant(
                attachment,
                client,
                new WatchedApi(
                        "the API server of " + attachment.tenant(),
                        new HttpApi(client, settings.requestTimeout()),
                        this::enqueue,
                        clock),
                hostCaches,
                hostFacts,
                syncers,
                new BulkBreaker(settings, clock, Side.HOST, syncMeter),
                new BulkBreaker(settings, clock, Side.TENANT, syncMeter),
                clock);
        order.open(attachment.tenant(), attachment.weight());
        tenants.put(attachment.tenant(), tenant);
        hostCaches.open(attachment.tenant().hostNamespace(), tenant.ownKinds());
        tenant.startCaches((object, deleted, witnessed) -> events.tenantChanged(tenant, object, deleted, witnessed));
        namespaces.lookAfter(tenant);
        events.attached(tenant);
        LOG.atInfo().addKeyValue("tenant", tenant.id().value()).log("tenant is attached");
    }

    /// Ends syncing. Deletes nothing on either side.
    public void detach(TenantId id) {
        order.drop(id);
        loop.forget(key -> key.tenant().equals(id));
        var tenant = tenants.remove(id);
        if (tenant != null) {
            hostCaches.close(id.hostNamespace());
            tenant.close();
            reconciler.forget(id);
            LOG.atInfo().addKeyValue("tenant", id.value()).log("tenant is detached");
        }
    }

    public Optional<SyncStatus> status(TenantId id) {
        return Optional.ofNullable(tenants.get(id))
                .map(tenant -> new SyncStatus(
                        id,
                        tenant.isListed(),
                        order.depth(id),
                        tenant.scans(),
                        tenant.mismatches(),
                        tenant.breaker().isOpen() || tenant.tenantBreaker().isOpen(),
                        troubles(tenant)));
    }

    /// How far the kinds are that this tenant alone has synced, in the order of its attachment; none where it is not
    /// attached. Answers from memory.
    public List<OwnKindState> ownKinds(TenantId id) {
        return Optional.ofNullable(tenants.get(id))
                .map(AttachedTenant::ownKindStates)
                .orElse(List.of());
    }

    /// A person's word: what is held back because too much vanished at once may be deleted, on either side, for one
    /// window of the breaker. A tenant that is not the cluster it was is still believed nothing.
    public void release(TenantId id) {
        var tenant = tenants.get(id);
        if (tenant != null) {
            tenant.breaker().release();
            tenant.foundNotSetBack();
            tenant.tenantBreaker().release();
            reconciler.holds().of(id).forEach(loop::add);
            LOG.atInfo().addKeyValue("tenant", id.value()).log("deletes are released by a person's word");
        }
    }

    private List<SyncTrouble> troubles(AttachedTenant tenant) {
        var all = new ArrayList<SyncTrouble>();
        hostApi.trouble("HostNotAnswering").ifPresent(all::add);
        tenant.hostNamespace().trouble().ifPresent(all::add);
        if (tenant.breaker().isOpen()) {
            all.add(new SyncTrouble(
                    "HostDeletesHeld",
                    "too many of the tenant's objects vanished at once: what the host has of them is kept until the"
                            + " tenant proves to be the cluster it was" + OR_RELEASE));
        }
        if (tenant.tenantBreaker().isOpen()) {
            all.add(new SyncTrouble(
                    "TenantDeletesHeld",
                    "too many of the tenant's objects vanished from the host at once: the tenant keeps them until the"
                            + " host has them again" + OR_RELEASE));
        }
        if (tenant.api() instanceof WatchedApi own) {
            own.trouble("TenantNotAnswering").ifPresent(all::add);
        }
        if (all.isEmpty() && clock.instant().isAfter(tenant.since().plus(LISTS_WITHIN))) {
            var awaited = hostCaches.awaited(tenant.id().hostNamespace()) + tenant.awaited();
            if (!awaited.isEmpty()) {
                all.add(new SyncTrouble("NotListed", "nothing is synced before all is listed; missing: " + awaited));
            }
        }
        reconciler.holds().trouble(tenant.id()).ifPresent(all::add);
        if (tenant.isListed()) {
            tenant.syncers().all().stream()
                    .flatMap(syncer -> syncer.trouble(tenant).stream())
                    .forEach(all::add);
        }
        return all;
    }

    /// Addresses of the host cluster that its operator or its API names; empty until the host has been asked.
    public Optional<HostRanges> hostRanges() {
        return hostFacts.ranges();
    }

    /// How many tenants' deletes are held back, as too much vanished at once.
    ///
    /// @param kept where nothing is deleted meanwhile
    public long openBreakers(Side kept) {
        return tenants.values().stream()
                .map(tenant -> kept == Side.HOST ? tenant.breaker() : tenant.tenantBreaker())
                .filter(BulkBreaker::isOpen)
                .count();
    }

    /// What the last drift scans found different, by name of the syncer, over all tenants.
    public Map<String, Long> mismatches() {
        var all = new HashMap<String, Long>();
        tenants.values()
                .forEach(tenant -> tenant.mismatches().forEach((name, count) -> all.merge(name, count, Long::sum)));
        return all;
    }

    /// The one queue of all tenants, for whoever shows its depth.
    public ReconcileLoop<?> loop() {
        return loop;
    }

    public Set<TenantId> attached() {
        return Set.copyOf(tenants.keySet());
    }

    /// Waits for writes under way; returns within the request timeout.
    @Override
    public void close() {
        loop.closeWith(threads, settings.requestTimeout().plus(Duration.ofSeconds(1)));
        List.copyOf(tenants.keySet()).forEach(this::detach);
        hostApi.close();
        hostCaches.close();
    }

    private int failures(SyncKey key) {
        return loop.failures(key);
    }

    private void namespaceInDoubt(AttachedTenant tenant) {
        namespaces.lookAfter(tenant);
    }

    private void differs(SyncKey key) {
        reconciler.differs(key);
        loop.add(key);
    }

    /// Of a tenant that is still attached; others are forgotten.
    private void enqueue(SyncKey key) {
        loop.add(key);
    }

    /// Until the host has answered, what depends on its addresses waits.
    private void readFacts() {
        hostFacts.read();
        if (hostFacts.ranges().isEmpty() && !threads.timer().isShutdown()) {
            try {
                var _ = threads.timer()
                        .schedule(
                                () -> Thread.ofVirtual()
                                        .name("insula-syncer-host-facts")
                                        .start(this::readFacts),
                                FACTS_RETRY.toMillis(),
                                TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.atTrace().log("closing before the host said its addresses");
            }
        }
    }

    private void scan() {
        hostCaches.startServed();
        hostFacts.read();
        for (var tenant : tenants.values()) {
            try {
                namespaces.lookAfter(tenant);
                if (tenant.breaker().isOpen()) {
                    guard.confirm(tenant);
                }
                if (tenant.tenantBreaker().isOpen()
                        && !reconciler.holds().has(tenant.id(), DeleteGuard.VANISHED_FROM_HOST)) {
                    tenant.tenantBreaker().restored();
                }
                tenant.mismatches(drift.scan(tenant));
            } catch (RuntimeException e) {
                LOG.atWarn()
                        .addKeyValue("tenant", tenant.id().value())
                        .setCause(e)
                        .log("tenant did not answer the drift scan");
            } finally {
                tenant.scanned();
            }
        }
    }
}
