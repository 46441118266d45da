package io.insula.syncer.engine;

import io.insula.reconcile.Backoff;
import io.insula.syncer.engine.Api.ApiFailure;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after tenants' host namespaces: finds them whole at attach, notices that one went, and restores what ran in it
/// as soon as there is one again. The note of the tenant's identity is written last, so a restoration that was
/// interrupted begins anew at the next start. Thread-safe; one virtual thread per tenant that needs it.
final class NamespaceKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(NamespaceKeeper.class);
    private static final Backoff LOOK_AGAIN = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    private final DeleteGuard guard;
    private final Decisions decisions;
    private final DriftScan scan;
    private final Writer writer;
    private final Consumer<SyncKey> queue;

    /// @param queue decides on a key soon
    NamespaceKeeper(DeleteGuard guard, Decisions decisions, DriftScan scan, Writer writer, Consumer<SyncKey> queue) {
        this.guard = guard;
        this.decisions = decisions;
        this.scan = scan;
        this.writer = writer;
        this.queue = queue;
    }

    /// Begins to look until the namespace is whole; does nothing where somebody does already.
    void lookAfter(AttachedTenant tenant) {
        if (tenant.hostNamespace().beginLooking()) {
            Thread.ofVirtual().name("insula-syncer-namespace-" + tenant.id()).start(() -> look(tenant));
        }
    }

    private void look(AttachedTenant tenant) {
        try {
            var pauses = LOOK_AGAIN.row();
            while (!tenant.isClosed() && !isWhole(tenant)) {
                if (tenant.awaitClosed(pauses.next())) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            tenant.hostNamespace().endLooking();
        }
    }

    private boolean isWhole(AttachedTenant tenant) {
        try {
            return step(tenant);
        } catch (ApiFailure e) {
            LOG.atDebug()
                    .addKeyValue("tenant", tenant.id().value())
                    .setCause(e)
                    .log("nobody says how the tenant's host namespace is");
            return false;
        }
    }

    /// May run at any time and after a crash anywhere in it.
    private boolean step(AttachedTenant tenant) {
        var found = guard.look(tenant);
        if (found.isWhole()) {
            tenant.hostNamespace().whole();
            return true;
        }
        if (!found.isNew()) {
            if (tenant.hostNamespace().isWhole()) {
                LOG.atWarn()
                        .addKeyValue("tenant", tenant.id().value())
                        .addKeyValue("why", found.why())
                        .log("the tenant's host namespace went; nothing is deleted in the tenant for that");
            }
            tenant.hostNamespace().missing(found.why());
            return false;
        }
        if (!tenant.isListed() || !isCaughtUp(tenant)) {
            return false;
        }
        var lost = decisions.vanished(tenant);
        tenant.hostNamespace().restoring(lost.values());
        if (lost.isEmpty() && writer.noteIdentity(tenant, found.uid())) {
            tenant.hostNamespace().whole();
            return true;
        }
        lost.keySet().forEach(queue);
        scan.scan(tenant);
        return false;
    }

    private boolean isCaughtUp(AttachedTenant tenant) {
        return tenant.syncers().carrying().stream().allMatch(kind -> guard.isCaughtUp(tenant, kind));
    }
}
