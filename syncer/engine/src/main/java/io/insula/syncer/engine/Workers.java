package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Api.ApiFailure;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.SyncSpec.Direction;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes keys from the queue, shows both sides to the key's syncer, and has its changes written. A failure is
/// tried again after 200 ms, doubling to one minute. Thread-safe.
final class Workers {

    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(200);
    private static final Duration LAST_RETRY = Duration.ofMinutes(1);
    /// Failures, of some seconds together, after which what is no refusal is told too.
    private static final int PATIENCE = 5;

    private static final Duration NOT_SYNCED = Duration.ofMillis(100);
    private static final Duration HELD = Duration.ofSeconds(5);

    private final FairQueue queue;
    private final ScheduledExecutorService timer;
    private final Map<String, Syncer<?>> syncers;
    private final Map<TenantId, AttachedTenant> tenants;
    private final HostCaches host;
    private final WatchedApi hostApi;
    private final Consumer<AttachedTenant> namespaceInDoubt;
    private final Writer writer;
    private final InstantSource clock;
    private final Map<SyncKey, Integer> failures = new ConcurrentHashMap<>();
    /// What a tenant was told of an object, until the object is synced.
    private final Map<SyncKey, String> told = new ConcurrentHashMap<>();
    private final Holds holds;
    private final Set<SyncKey> waiting = ConcurrentHashMap.newKeySet();
    private final List<Thread> threads = new ArrayList<>();

    /// @param namespaceInDoubt hears of a tenant whose host namespace may be gone
    Workers(
            FairQueue queue,
            ScheduledExecutorService timer,
            Map<String, Syncer<?>> syncers,
            Map<TenantId, AttachedTenant> tenants,
            HostCaches host,
            WatchedApi hostApi,
            Consumer<AttachedTenant> namespaceInDoubt,
            Writer writer,
            InstantSource clock) {
        this.queue = queue;
        this.timer = timer;
        this.syncers = syncers;
        this.tenants = tenants;
        this.host = host;
        this.hostApi = hostApi;
        this.namespaceInDoubt = namespaceInDoubt;
        this.writer = writer;
        this.clock = clock;
        this.holds = new Holds(clock);
    }

    /// What is held back.
    Holds holds() {
        return holds;
    }

    void start(int count) {
        for (int i = 0; i < count; i++) {
            threads.add(Thread.ofVirtual().name("insula-syncer-worker-" + i).start(this::work));
        }
    }

    void close(Duration deadline) {
        long until = System.nanoTime() + deadline.toNanos();
        for (var thread : threads) {
            try {
                if (!thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())))) {
                    thread.interrupt();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                thread.interrupt();
            }
        }
    }

    /// Keeps nothing of a tenant that is detached.
    void forget(TenantId tenant) {
        failures.keySet().removeIf(key -> key.tenant().equals(tenant));
        told.keySet().removeIf(key -> key.tenant().equals(tenant));
        holds.forget(tenant);
        hostApi.forget(tenant);
    }

    /// Asks every syncer about every object and queues those that differ.
    ///
    /// @return how many differ, by name of the syncer; none while either side has not been listed
    Map<String, Long> scan(AttachedTenant tenant) {
        var different = new HashMap<String, Long>();
        syncers.keySet().forEach(name -> different.put(name, 0L));
        if (!host.areSynced(tenant.id().hostNamespace()) || !tenant.areSynced()) {
            return different;
        }
        for (var key : keys(tenant)) {
            var syncer = syncers.get(key.kind());
            if (syncer != null
                    && decide(syncer, tenant, key, tenant).stream()
                            .anyMatch(change -> writer.isNeeded(change, tenant))) {
                different.merge(key.kind(), 1L, Long::sum);
                queue.add(key);
            }
        }
        return different;
    }

    private Set<SyncKey> keys(AttachedTenant tenant) {
        var keys = new HashSet<SyncKey>();
        for (var cache : tenant.caches()) {
            var names = syncers.values().stream()
                    .map(Syncer::spec)
                    .filter(spec -> spec.watchTenant()
                            && spec.kind().kind().equals(cache.kind().kind()))
                    .map(SyncSpec::name)
                    .toList();
            for (var object : cache.list()) {
                var namespace = Objects.requireNonNullElse(object.getMetadata().getNamespace(), "");
                for (var name : names) {
                    keys.add(new SyncKey(
                            tenant.id(), name, namespace, object.getMetadata().getName()));
                }
            }
        }
        for (var syncer : syncers.values()) {
            if (syncer.spec().direction() == Direction.TENANT_TO_HOST) {
                for (var kind : syncer.spec().hostKinds()) {
                    tenant.hostObjects(kind)
                            .forEach(object -> tenant.names().tenantKey(object).ifPresent(keys::add));
                }
            } else if (syncer.spec().watchTenant()) {
                for (var kind : syncer.spec().hostKinds()) {
                    tenant.hostObjects(kind).stream()
                            .flatMap(object -> syncer.tenantObjectsOf(object, tenant).stream())
                            .forEach(each ->
                                    keys.add(new SyncKey(tenant.id(), each.kind(), each.namespace(), each.name())));
                }
            }
        }
        return keys;
    }

    private void work() {
        try {
            for (var key = queue.take(); key.isPresent(); key = queue.take()) {
                try {
                    sync(key.get());
                } catch (RuntimeException e) {
                    failed(key.get(), e);
                } finally {
                    queue.done(key.get());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sync(SyncKey key) {
        var tenant = tenants.get(key.tenant());
        var syncer = syncers.get(key.kind());
        if (tenant == null || syncer == null) {
            return;
        }
        if (!host.areSynced(tenant.id().hostNamespace()) || !tenant.areSynced()) {
            later(key, NOT_SYNCED);
            return;
        }
        if (hostApi.park(key) || (tenant.api() instanceof WatchedApi own && own.park(key))) {
            return;
        }
        for (var change : decide(syncer, tenant, key, tenant)) {
            if (change instanceof LookAgain(var after, var _)) {
                lookAgain(key, after);
                return;
            }
            var held = carryOut(change, tenant, key);
            if (held != null) {
                holds.hold(key, held);
                if (!tenant.hostNamespace().isWhole() || change instanceof Change.DeleteFromTenant) {
                    namespaceInDoubt.accept(tenant);
                }
                later(key, HELD);
                return;
            }
        }
        failures.remove(key);
        told.remove(key);
        holds.release(key);
    }

    /// Tenant objects that would be deleted because the host lacks what it had of them: key and uid.
    Map<SyncKey, String> vanished(AttachedTenant tenant) {
        var all = new HashMap<SyncKey, String>();
        var view = new AsIfNothingWereLost(tenant);
        for (var key : keys(tenant)) {
            var syncer = syncers.get(key.kind());
            if (syncer == null) {
                continue;
            }
            for (var change : decide(syncer, tenant, key, view)) {
                if (change instanceof Change.DeleteFromTenant delete
                        && delete.hostGone()
                        && delete.tenant().getMetadata().getDeletionTimestamp() == null) {
                    all.put(key, delete.tenant().getMetadata().getUid());
                }
            }
        }
        return all;
    }

    /// A parked key goes on.
    void released(SyncKey key, boolean outage) {
        if (outage) {
            failures.remove(key);
            queue.add(key);
        } else {
            later(key, pause(failures.getOrDefault(key, 1)));
        }
    }

    private @Nullable String carryOut(Change change, AttachedTenant tenant, SyncKey key) {
        try {
            return writer.carryOut(change, tenant, key);
        } catch (ApiFailure e) {
            if (isTold(change, key, e)) {
                tellTenant(tenant, key, change instanceof Change.IssueTokens ? "FailedTokenRequest" : "HostRefused", e);
            }
            throw e;
        }
    }

    /// Refusals at once; whatever else keeps failing after a while, as nobody else would say so.
    private boolean isTold(Change change, SyncKey key, ApiFailure failure) {
        boolean makes = change instanceof Change.ApplyToHost
                || change instanceof Change.CreateOnHost
                || change instanceof Change.IssueTokens;
        if (failure.isOutage() || isNamespaceAway(failure)) {
            return false;
        }
        boolean refused = failure.isRefusal() || (makes && failure.code() == 404);
        return (makes || change instanceof Change.PatchHost) && (refused || failures.getOrDefault(key, 0) >= PATIENCE);
    }

    /// It is being made anew, and what was in it comes back: nothing that the tenant could mend.
    private static boolean isNamespaceAway(ApiFailure failure) {
        var message = String.valueOf(failure.getMessage());
        return (failure.code() == 403 && message.contains("being terminated"))
                || (failure.code() == 404 && message.contains("namespaces \""));
    }

    private void tellTenant(AttachedTenant tenant, SyncKey key, String reason, ApiFailure failure) {
        var syncer = syncers.get(key.kind());
        if (syncer != null) {
            tellTenant(syncer, tenant, key, reason, failure);
        }
    }

    private <T extends HasMetadata> void tellTenant(
            Syncer<T> syncer, AttachedTenant tenant, SyncKey key, String reason, ApiFailure failure) {
        var own = tenant.tenantObject(syncer.spec().kind(), key.namespace(), key.name());
        if (own.isEmpty()) {
            return;
        }
        var message = words(syncer, own.get(), tenant).translate(String.valueOf(failure.getMessage()));
        if (message.equals(told.put(key, message))) {
            return;
        }
        var now = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        try {
            syncer.refused(own.get(), reason, message, now).forEach(change -> writer.carryOut(change, tenant, key));
        } catch (ApiFailure e) {
            told.remove(key);
            failure.addSuppressed(e);
        }
    }

    private <T extends HasMetadata> HostWords words(Syncer<T> syncer, HasMetadata object, AttachedTenant tenant) {
        var spec = syncer.spec();
        var kinds = syncers.values().stream()
                .flatMap(each -> each.spec().hostKinds().stream())
                .distinct()
                .toList();
        var references = syncer.references(spec.kind().type().cast(object), tenant);
        return HostWords.about(object, spec.name(), references, kinds, Map.of(), tenant);
    }

    private <T extends HasMetadata> List<Change> decide(
            Syncer<T> syncer, AttachedTenant tenant, SyncKey key, TenantView view) {
        var name = syncer.hostName(key.namespace(), key.name(), tenant.names());
        var own = tenant.tenantObject(syncer.spec().kind(), key.namespace(), key.name());
        var host = syncer.spec().hostKinds().stream()
                .<HasMetadata>flatMap(kind -> tenant.hostObject(kind, name).stream())
                .findFirst();
        if (host.isEmpty()) {
            if (own.isEmpty()) {
                tenant.forget(key);
                return List.of();
            }
            return syncer.decide(new TenantOnly<>(own.get()), view);
        }
        if (own.isPresent() && sameObject(syncer, own.get(), host.get())) {
            return syncer.decide(new Paired<>(own.get(), host.get()), view);
        }
        var wait = Reservations.wait(host.get(), own.isPresent(), clock.instant());
        if (wait.isPresent()) {
            return List.of(new LookAgain(wait.get(), "the write that the host object is reserved for"));
        }
        // two creates of one name raced for the reservation, and the other one was stored
        boolean adopted = own.isPresent() && Reservations.isReserved(host.get());
        return syncer.decide(adopted ? new Paired<>(own.get(), host.get()) : new HostOnly<>(host.get()), view);
    }

    private static boolean sameObject(Syncer<?> syncer, HasMetadata own, HasMetadata host) {
        if (syncer.spec().direction() == Direction.HOST_TO_TENANT) {
            return true;
        }
        var annotations = host.getMetadata().getAnnotations();
        return annotations != null && Objects.equals(own.getMetadata().getUid(), annotations.get(InsulaLabels.UID));
    }

    private void failed(SyncKey key, RuntimeException failure) {
        int times = failures.merge(key, 1, Integer::sum);
        var tenant = tenants.get(key.tenant());
        if (failure instanceof ApiFailure api && tenant != null) {
            if (api.isOutage() && (hostApi.park(key) || (tenant.api() instanceof WatchedApi own && own.park(key)))) {
                return;
            }
            if (api.code() == 403 || api.code() == 404) {
                // a namespace that is going refuses what is new, one that is gone has no place for it
                namespaceInDoubt.accept(tenant);
            }
        }
        var entry = times == 1 && !isConflict(failure) ? LOG.atWarn() : LOG.atDebug();
        entry.addKeyValue("tenant", key.tenant().value())
                .addKeyValue("kind", key.kind())
                .addKeyValue("namespace", key.namespace())
                .addKeyValue("name", key.name())
                .addKeyValue("error", failure.getMessage())
                .setCause(failure instanceof ApiFailure ? null : failure)
                .log("object is not synced yet");
        later(key, pause(times));
    }

    private static Duration pause(int failures) {
        var doubled = FIRST_RETRY.multipliedBy(1L << Math.min(failures - 1, 20));
        return doubled.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : doubled;
    }

    /// The other side moved meanwhile: its event is on the way.
    private static boolean isConflict(RuntimeException failure) {
        return failure instanceof ApiFailure api && (api.code() == 409 || api.code() == 404);
    }

    /// One timer per key, however often somebody looks in between.
    private void lookAgain(SyncKey key, Duration delay) {
        if (waiting.add(key)) {
            try {
                var _ = timer.schedule(
                        () -> {
                            waiting.remove(key);
                            queue.add(key);
                        },
                        delay.toMillis(),
                        TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.atTrace().addKeyValue("kind", key.kind()).log("key is dropped at close");
            }
        }
    }

    private void later(SyncKey key, Duration delay) {
        try {
            var _ = timer.schedule(() -> queue.add(key), delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // closing: the next start looks at every object anyway
            LOG.atTrace().addKeyValue("kind", key.kind()).log("key is dropped at close");
        }
    }
}
