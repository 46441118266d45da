package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.BackupManifest;
import io.insula.controlplane.backup.BackupPlace.Kept;
import io.insula.controlplane.backup.BackupSource;
import io.insula.controlplane.backup.Backups;
import io.insula.controlplane.tenant.Stores.RunningStore;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Backs up tenants that run here, and tells in their status how it went. Thread-safe.
final class BackupWork implements TenantBackups {

    /// The mark of a sleeper that was woken for a backup only: nothing has changed since in it.
    static final String ASLEEP_BACKED_UP = "backed up";

    private static final Duration AWAKE_WITHIN = Duration.ofMinutes(2);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Backups backups;
    private final TenantUnits units;
    private final TenantObjects objects;
    private final InstantSource clock;
    private final Consumer<String> look;
    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    /// @param look has the tenant's status written anew; must not block
    BackupWork(Backups backups, TenantUnits units, TenantObjects objects, InstantSource clock, Consumer<String> look) {
        this.backups = backups;
        this.units = units;
        this.objects = objects;
        this.clock = clock;
        this.look = look;
    }

    @Override
    public BackupManifest take(String tenant) {
        return take(tenant, false);
    }

    /// One after the other: who has woken a sleeper for a backup lets it sleep again at its end.
    BackupManifest take(String tenant, boolean scheduled) {
        ReentrantLock lock = locks.computeIfAbsent(tenant, _ -> new ReentrantLock());
        lock.lock();
        try {
            return takeNow(tenant, scheduled);
        } finally {
            lock.unlock();
        }
    }

    private BackupManifest takeNow(String tenant, boolean scheduled) {
        Tenant found = requireThere(tenant);
        boolean slept = SleepStep.isMarked(found);
        if (slept) {
            objects.removeAnnotations(found, Tenancy.ASLEEP);
        }
        try (EtcdSnapshots store = awake(tenant)) {
            ObjectNode resource = objects.tree(tenant).orElseThrow(() -> gone(tenant));
            BackupManifest taken = backups.take(
                    new BackupSource(tenant, resource, folder(tenant), ClusterKeys.FOLDERS, store), scheduled);
            tell(found, true, TenantCondition.BACKED_UP, "the last backup is " + taken.id());
            return taken;
        } catch (RuntimeException e) {
            tell(found, false, "BackupFailed", String.valueOf(e.getMessage()));
            throw e;
        } finally {
            if (slept) {
                letSleep(tenant);
            }
        }
    }

    private Tenant requireThere(String tenant) {
        return objects.find(tenant)
                .filter(found -> !found.isMarkedForDeletion())
                .orElseThrow(() -> gone(tenant));
    }

    private static IllegalStateException gone(String tenant) {
        return new IllegalStateException("tenant \"" + tenant + "\" is gone, or is being deleted");
    }

    private Path folder(String tenant) {
        return units.find(tenant).orElseThrow(() -> gone(tenant)).runtime().folder();
    }

    private void letSleep(String tenant) {
        objects.find(tenant)
                .filter(found -> !found.isMarkedForDeletion())
                .ifPresent(found -> objects.annotate(found, Tenancy.ASLEEP, ASLEEP_BACKED_UP));
    }

    private EtcdSnapshots awake(String tenant) {
        long deadline = System.nanoTime() + AWAKE_WITHIN.toNanos();
        while (true) {
            Optional<RunningStore> store = units.find(tenant).flatMap(BackupWork::ownStore);
            if (store.isPresent()) {
                return store.get().snapshots();
            }
            if (SleepStep.isMarked(requireThere(tenant))) {
                throw new IllegalStateException("tenant \"" + tenant + "\" was put to sleep meanwhile");
            }
            if (System.nanoTime() - deadline > 0 || Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException(
                        "tenant \"" + tenant + "\" does not run: its etcd must, for a backup of it");
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    /// What is another tenant's still is backed up for nobody.
    private static Optional<RunningStore> ownStore(TenantUnit unit) {
        return Files.exists(Restoration.copyMark(unit.runtime().folder()))
                ? Optional.empty()
                : unit.runtime().store();
    }

    private void tell(Tenant tenant, boolean holds, String reason, String message) {
        String name = TenantObjects.nameOf(tenant);
        Long generation = tenant.getMetadata().getGeneration();
        units.find(name).ifPresent(unit -> {
            unit.tell(
                    TenantCondition.of(TenantCondition.BACKED_UP, holds, generation, clock.instant(), reason, message));
            look.accept(name);
        });
    }

    /// @param newest how many scheduled ones stay
    void retain(Tenant tenant, int newest) {
        backups.retain(TenantObjects.nameOf(tenant), tenant.getMetadata().getUid(), newest);
    }

    @Override
    public List<Kept> list(String tenant) {
        return backups.list(tenant);
    }

    @Override
    public BackupManifest find(String tenant, String id) {
        return backups.find(tenant, id);
    }

    @Override
    public ObjectNode resource(String tenant, String id) {
        return backups.resource(tenant, id);
    }

    @Override
    public void verify(String tenant, String id) {
        backups.verify(tenant, id);
    }

    @Override
    public void delete(String tenant, String id) {
        backups.delete(tenant, id);
    }

    @Override
    public String place() {
        return backups.place();
    }

    @Override
    public Path keyFile() {
        return backups.keyFile();
    }
}
