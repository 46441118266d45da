package io.insula.controlplane.tenant;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks every second for tenants that nobody has used for as long as their `idlePolicy` says, and marks them as
/// asleep. It only marks: the reconciler stops what runs. Thread-safe: one thread does everything.
final class IdleTenants implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IdleTenants.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Supplier<List<Tenant>> tenants;
    private final TenantUnits units;
    private final TenantObjects objects;
    private final UnaskedEvents events;
    private final Rounds rounds = new Rounds("insula-idle-tenants", PAUSE, this::markUnused);

    /// @param tenants from memory
    IdleTenants(Supplier<List<Tenant>> tenants, TenantUnits units, TenantObjects objects, UnaskedEvents events) {
        this.tenants = tenants;
        this.units = units;
        this.objects = objects;
        this.events = events;
        rounds.begin();
    }

    @Override
    public void close() {
        rounds.close();
    }

    private void markUnused() {
        tenants.get().stream().filter(this::isUnused).forEach(this::mark);
    }

    private boolean isUnused(Tenant tenant) {
        if (tenant.isMarkedForDeletion() || SleepStep.isMarked(tenant)) {
            return false;
        }
        Optional<Duration> after = tenant.getSpec().sleepAfter();
        return after.isPresent()
                && units.find(TenantObjects.nameOf(tenant))
                        .map(TenantUnit::runtime)
                        .filter(TenantRuntime::isReady)
                        .flatMap(TenantRuntime::unusedFor)
                        .filter(unused -> unused.compareTo(after.get()) >= 0)
                        .isPresent();
    }

    private void mark(Tenant tenant) {
        String name = TenantObjects.nameOf(tenant);
        try {
            objects.annotate(tenant, Tenancy.ASLEEP, "unused");
            events.unused(name);
        } catch (RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("tenant", name)
                    .setCause(e)
                    .log("a tenant that nobody uses could not be put to sleep; it is tried again");
        }
    }
}
