package io.insula.syncer.engine;

import io.insula.reconcile.Outcome;
import io.insula.reconcile.ReconcileLoop;
import io.insula.syncer.engine.Api.ApiFailure;
import io.insula.syncer.engine.Change.LookAgain;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the loop does with one key: has its syncer decide, and the changes written. Thread-safe.
final class SyncReconciler implements ReconcileLoop.Work<SyncKey> {

    private static final Logger LOG = LoggerFactory.getLogger(SyncReconciler.class);

    /// Until both sides have been listed a key is looked at again: soon at first, then ever less often, since a
    /// namespace may be closed to the syncer for long.
    private static final Duration LISTED_FIRST = Duration.ofMillis(100);

    private static final Duration LISTED_LAST = Duration.ofSeconds(5);
    private static final int LISTED_SHARE = 20;
    private static final Duration HELD = Duration.ofSeconds(5);
    private static final Duration SHOWN = Duration.ofSeconds(1);

    private final Function<TenantId, Optional<AttachedTenant>> tenants;
    private final WatchedApi hostApi;
    private final BiFunction<SyncKey, AttachedTenant, List<Change>> decisions;
    private final Writer writer;
    private final Consumer<AttachedTenant> namespaceInDoubt;
    private final ToIntFunction<SyncKey> failures;
    private final InstantSource clock;
    private final HostRefusals refusals;
    private final Holds holds;
    private final SyncMeter meter;
    private final Set<SyncKey> differing = ConcurrentHashMap.newKeySet();

    /// @param namespaceInDoubt hears of a tenant whose host namespace may be gone
    /// @param failures how often in a row a key has failed
    SyncReconciler(
            Function<TenantId, Optional<AttachedTenant>> tenants,
            WatchedApi hostApi,
            BiFunction<SyncKey, AttachedTenant, List<Change>> decisions,
            Writer writer,
            HostRefusals refusals,
            Consumer<AttachedTenant> namespaceInDoubt,
            ToIntFunction<SyncKey> failures,
            InstantSource clock,
            SyncMeter meter) {
        this.meter = meter;
        this.tenants = tenants;
        this.hostApi = hostApi;
        this.decisions = decisions;
        this.writer = writer;
        this.refusals = refusals;
        this.namespaceInDoubt = namespaceInDoubt;
        this.failures = failures;
        this.clock = clock;
        this.holds = new Holds(clock);
    }

    /// What is held back.
    Holds holds() {
        return holds;
    }

    /// A drift scan found that the sides differ in this; the next time that it is settled counts as a repair.
    void differs(SyncKey key) {
        differing.add(key);
    }

    /// Keeps nothing of a tenant that is detached.
    void forget(TenantId tenant) {
        differing.removeIf(key -> key.tenant().equals(tenant));
        refusals.forget(tenant);
        holds.forget(tenant);
        hostApi.forget(tenant);
    }

    /// A key whose server is away is parked there, and comes back when it answers.
    @Override
    public Outcome reconcile(SyncKey key) {
        var found = tenants.apply(key.tenant());
        if (found.isEmpty()) {
            return Outcome.SETTLED;
        }
        var tenant = found.get();
        if (!tenant.isListed()) {
            return Outcome.after(untilListed(tenant), "the lists of both sides");
        }
        if (hostApi.park(key) || (tenant.api() instanceof WatchedApi own && own.park(key))) {
            return Outcome.SETTLED;
        }
        boolean differed = differing.contains(key);
        boolean isRepair = false;
        for (var change : decisions.apply(key, tenant)) {
            if (change instanceof LookAgain(var after, var waitingFor)) {
                return Outcome.after(after, waitingFor);
            }
            if (writer.isUnseen(change, tenant, key)) {
                return Outcome.after(SHOWN, "the host to show the tokens that were issued");
            }
            isRepair |= differed && writer.isNeeded(change, tenant);
            var held = carryOut(change, tenant, key);
            if (held != null) {
                holds.hold(key, held);
                if (!tenant.hostNamespace().isWhole() || change instanceof Change.DeleteFromTenant) {
                    namespaceInDoubt.accept(tenant);
                }
                return Outcome.after(HELD, held);
            }
        }
        refusals.forget(key);
        holds.release(key);
        if (differed && differing.remove(key) && isRepair) {
            meter.repaired(key.syncer());
        }
        return Outcome.SETTLED;
    }

    private Duration untilListed(AttachedTenant tenant) {
        var share = Duration.between(tenant.since(), clock.instant()).dividedBy(LISTED_SHARE);
        return share.compareTo(LISTED_FIRST) < 0
                ? LISTED_FIRST
                : share.compareTo(LISTED_LAST) < 0 ? share : LISTED_LAST;
    }

    private @Nullable String carryOut(Change change, AttachedTenant tenant, SyncKey key) {
        try {
            return writer.carryOut(change, tenant, key);
        } catch (ApiFailure e) {
            refusals.failed(change, tenant, key, e, failures.applyAsInt(key));
            throw e;
        }
    }

    @Override
    public void failed(SyncKey key, RuntimeException failure, int failuresInARow, Duration retryIn) {
        if (failure instanceof ApiFailure api && (api.code() == 403 || api.code() == 404)) {
            // a namespace that is going refuses what is new, one that is gone has no place for it
            tenants.apply(key.tenant()).ifPresent(namespaceInDoubt);
        }
        var entry = failuresInARow == 1 && !isConflict(failure) ? LOG.atWarn() : LOG.atDebug();
        entry.addKeyValue("tenant", key.tenant().value())
                .addKeyValue("kind", key.syncer())
                .addKeyValue("namespace", key.namespace())
                .addKeyValue("name", key.name())
                .addKeyValue("error", failure.getMessage())
                .setCause(failure instanceof ApiFailure ? null : failure)
                .log("object is not synced yet");
    }

    /// The other side moved meanwhile: its event is on the way.
    private static boolean isConflict(RuntimeException failure) {
        return failure instanceof ApiFailure api && (api.code() == 409 || api.code() == 404);
    }
}
