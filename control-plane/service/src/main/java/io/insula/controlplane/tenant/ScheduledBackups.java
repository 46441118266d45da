package io.insula.controlplane.tenant;

import io.insula.controlplane.backup.BackupManifest;
import io.insula.controlplane.backup.BackupPlace.Kept;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Backs tenants up whenever their `spec.backup` says so, and removes what it says is too much. When one was backed up
/// last the backups themselves tell, so nothing is forgotten by a restart. What fails is tried again after a
/// while. Thread-safe: one thread decides, a few do.
final class ScheduledBackups implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ScheduledBackups.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration AGAIN = Duration.ofMinutes(10);
    /// When a folder of backups is looked into again by which nothing was due.
    private static final Duration LOOK = Duration.ofMinutes(10);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(30);
    private static final int AT_ONCE = 2;

    private final Supplier<List<Tenant>> tenants;
    private final BackupWork work;
    private final UnaskedEvents events;
    private final InstantSource clock;
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    /// What is to be done next, by names; where there is nothing, what there is on disk tells.
    private final Map<String, Next> next = new ConcurrentHashMap<>();
    private final ExecutorService workers = Executors.newFixedThreadPool(
            AT_ONCE, Thread.ofPlatform().name("insula-backup-", 0).daemon(true).factory());
    private final Rounds rounds = new Rounds("insula-scheduled-backups", PAUSE, this::beginAllThatAreDue);

    /// Nothing until then, unless the spec says something else by then.
    private record Next(Instant at, Duration every) {}

    /// @param tenants from memory
    ScheduledBackups(Supplier<List<Tenant>> tenants, BackupWork work, UnaskedEvents events, InstantSource clock) {
        this.tenants = tenants;
        this.work = work;
        this.events = events;
        this.clock = clock;
        rounds.begin();
    }

    @Override
    public void close() {
        rounds.end();
        workers.shutdownNow();
        rounds.close();
        try {
            if (!workers.awaitTermination(CLOSE_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                LOG.atWarn().log("a backup does not end; it is left unfinished");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void beginAllThatAreDue() {
        List<Tenant> all = tenants.get();
        next.keySet().retainAll(all.stream().map(TenantObjects::nameOf).toList());
        all.forEach(this::beginIfDue);
    }

    /// What goes wrong with one holds no other back.
    private void beginIfDue(Tenant tenant) {
        try {
            if (isDue(tenant)) {
                begin(tenant);
            }
        } catch (RuntimeException e) {
            failed(tenant, e);
        }
    }

    private boolean isDue(Tenant tenant) {
        Optional<Duration> every = tenant.getSpec().backupEvery();
        if (every.isEmpty() || tenant.isMarkedForDeletion() || busy.contains(TenantObjects.nameOf(tenant))) {
            return false;
        }
        String name = TenantObjects.nameOf(tenant);
        Instant now = clock.instant();
        Next known = next.get(name);
        if (known != null && known.every().equals(every.get()) && now.isBefore(known.at())) {
            return false;
        }
        Optional<Instant> last = last(tenant);
        Instant due = last.map(taken -> taken.plus(every.get())).orElse(Instant.MIN);
        if (now.isBefore(due)) {
            next.put(name, new Next(min(due, now.plus(LOOK)), every.get()));
            return false;
        }
        return isWorthIt(tenant, last);
    }

    /// A sleeper is as it was when it fell asleep: it is not woken to be backed up again.
    private static boolean isWorthIt(Tenant tenant, Optional<Instant> last) {
        if (tenant.getStatus() == null) {
            return false;
        }
        if (SleepStep.isMarked(tenant)) {
            return last.isEmpty()
                    || !TenantObjects.annotation(tenant, Tenancy.ASLEEP).equals(BackupWork.ASLEEP_BACKED_UP);
        }
        return tenant.getStatus()
                .condition(TenantCondition.PROVISIONED)
                .filter(TenantCondition::holds)
                .isPresent();
    }

    private Optional<Instant> last(Tenant tenant) {
        String uid = tenant.getMetadata().getUid();
        return work.list(TenantObjects.nameOf(tenant)).stream()
                .map(Kept::manifest)
                .flatMap(Optional::stream)
                .filter(each -> each.tenantUid().equals(uid))
                .map(BackupManifest::taken)
                .findFirst();
    }

    private void begin(Tenant tenant) {
        String name = TenantObjects.nameOf(tenant);
        if (!busy.add(name)) {
            return;
        }
        try {
            workers.execute(() -> {
                try {
                    takeAndRetain(tenant, name);
                } finally {
                    busy.remove(name);
                }
            });
        } catch (RejectedExecutionException e) {
            // it is being closed
            busy.remove(name);
        }
    }

    private void takeAndRetain(Tenant tenant, String name) {
        try {
            BackupManifest taken = work.take(name, true);
            next.remove(name);
            events.backedUp(name, taken.id());
            var policy = tenant.getSpec().backup();
            if (policy != null) {
                work.retain(tenant, policy.kept());
            }
        } catch (RuntimeException e) {
            failed(tenant, e);
        }
    }

    private void failed(Tenant tenant, RuntimeException e) {
        if (rounds.areEnding()) {
            return;
        }
        String name = TenantObjects.nameOf(tenant);
        tenant.getSpec()
                .backupEvery()
                .ifPresent(every -> next.put(name, new Next(clock.instant().plus(AGAIN), every)));
        LOG.atWarn().addKeyValue("tenant", name).setCause(e).log("a scheduled backup failed; it is tried again");
    }

    private static Instant min(Instant one, Instant two) {
        return one.isBefore(two) ? one : two;
    }
}
