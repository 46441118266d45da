package io.insula.controlplane.tenant;

import io.insula.controlplane.backup.BackupException;
import io.insula.controlplane.backup.Backups;
import io.insula.controlplane.home.HomeException;
import io.insula.process.ChildException;
import io.insula.reconcile.Outcome;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A tenant that is to be set back to a backup is, before it is started: its server ends, its clients wait, its store
/// is replaced. A backup that is no good changes nothing. From then on what its host has of it that came later is
/// kept, until a person says that it goes ([ReleaseStep]).
///
/// A backup of another tenant becomes a tenant that has nothing yet, and no other: with keys of its own, at a port of
/// its own ([CopyStep]).
record RestoreStep(
        Backups backups,
        Stores stores,
        Attachments attachments,
        TenantObjects objects,
        TenantHealth health,
        UnaskedEvents events,
        InstantSource clock)
        implements TenantStep {

    private static final Logger LOG = LoggerFactory.getLogger(RestoreStep.class);
    private static final String FAILED = "RestoreFailed";

    @Override
    public String condition() {
        return TenantCondition.PROVISIONED;
    }

    @Override
    public Outcome settle(Tenant tenant, TenantUnit unit) {
        String name = TenantObjects.nameOf(tenant);
        String wish = TenantObjects.annotation(tenant, Tenancy.RESTORE);
        var wanted = RestoreWish.of(name, wish);
        var restoration = new Restoration(
                (_, into) -> prove(wanted.orElseThrow(), into),
                stores,
                unit.runtime().folder(),
                wanted.filter(RestoreWish::isCopy).isPresent());
        if (!TenantObjects.hasAnnotation(tenant, Tenancy.RESTORE)) {
            // its last write may have been the last before a death, or a person has changed their mind
            restoration.clean();
            return Outcome.SETTLED;
        }
        try {
            require(wanted, wish, restoration);
            restoration.prepare(wish);
        } catch (BackupException | ChildException | HomeException | UncheckedIOException e) {
            restoration.clean();
            return refused(tenant, unit, restoration.hasStore(), BackupException.why(e), e);
        }
        // the syncer first: what it does not see any more must not look deleted to it
        attachments.detach(name);
        health.forget(name);
        unit.runtime().halt();
        if (!restoration.hasStore() && !restoration.isCopy()) {
            keepPort(
                    unit, restoration.resource().path("status").path("endpoint").asText());
        }
        restoration.carryOut(wish);
        finish(tenant, unit, wanted.orElseThrow());
        restoration.clean();
        // what follows must see the mark
        return new Outcome.RequeueAfter(Duration.ofMillis(1), "Restored", "it is being started");
    }

    private void finish(Tenant tenant, TenantUnit unit, RestoreWish done) {
        if (done.isCopy()) {
            objects.copied(tenant, done.toString());
        } else {
            objects.restored(tenant, done.backup());
        }
        tell(tenant, unit, true, TenantCondition.RESTORED, done.told());
        events.restored(TenantObjects.nameOf(tenant), done.told());
    }

    /// Kubeconfigs from before name it.
    private static void keepPort(TenantUnit unit, String endpoint) {
        int port = URI.create(endpoint).getPort();
        if (port > 0) {
            unit.runtime().preferPort(port);
        }
    }

    /// An etcd has run on it before anything is put in its place.
    private void prove(RestoreWish wish, Path into) {
        backups.verify(wish.source(), wish.backup());
        var _ = backups.unpack(wish.source(), wish.backup(), into);
    }

    /// A tenant that is made again has nothing yet that it could go on with: it waits until this one can be had.
    private Outcome refused(Tenant tenant, TenantUnit unit, boolean hasStore, String why, RuntimeException e) {
        String backup = TenantObjects.annotation(tenant, Tenancy.RESTORE);
        String message = backup + ": nothing was changed: " + why;
        tell(tenant, unit, false, FAILED, message);
        if (!hasStore) {
            return new Outcome.Failed(FAILED, message, e);
        }
        LOG.atWarn()
                .addKeyValue("tenant", TenantObjects.nameOf(tenant))
                .setCause(e)
                .log("a tenant cannot be set back to a backup");
        objects.removeAnnotations(tenant, Tenancy.RESTORE);
        return Outcome.SETTLED;
    }

    private static void require(Optional<RestoreWish> wanted, String wish, Restoration restoration) {
        if (wanted.isEmpty()) {
            throw new ChildException(Tenancy.RESTORE + ": \"" + wish
                    + "\" (expected: a backup such as 20260131T120000Z-1a2b, or another tenant's, such as"
                    + " acme/20260131T120000Z-1a2b)");
        }
        if (restoration.isCopy() && restoration.hasStore() && !restoration.isUnderWay(wish)) {
            throw new ChildException("it has a store already (expected: a new tenant, for a backup of another one)");
        }
    }

    private void tell(Tenant tenant, TenantUnit unit, boolean holds, String reason, String message) {
        unit.tell(TenantCondition.of(
                TenantCondition.RESTORED,
                holds,
                tenant.getMetadata().getGeneration(),
                clock.instant(),
                reason,
                message));
    }
}
