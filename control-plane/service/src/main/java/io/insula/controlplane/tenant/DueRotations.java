package io.insula.controlplane.tenant;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has changes of keys end when it is time, as if a person had asked for it, and has what is told of them follow what
/// becomes of kubeconfigs. Thread-safe: one thread does everything, of what is in memory.
final class DueRotations implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DueRotations.class);
    private static final Duration PAUSE = Duration.ofMinutes(1);

    private final Supplier<List<Tenant>> tenants;
    private final TenantUnits units;
    private final TenantObjects objects;
    private final Consumer<String> look;
    private final InstantSource clock;
    private final Rounds rounds = new Rounds("insula-due-rotations", PAUSE, this::lookAtAll);

    /// @param tenants from memory
    /// @param look has the tenant's status written anew; must not block
    DueRotations(
            Supplier<List<Tenant>> tenants,
            TenantUnits units,
            TenantObjects objects,
            Consumer<String> look,
            InstantSource clock) {
        this.tenants = tenants;
        this.units = units;
        this.objects = objects;
        this.look = look;
        this.clock = clock;
        rounds.begin();
    }

    @Override
    public void close() {
        rounds.close();
    }

    private void lookAtAll() {
        tenants.get().stream()
                .filter(tenant -> !tenant.isMarkedForDeletion() && isRotating(tenant))
                .forEach(this::lookAt);
    }

    private static boolean isRotating(Tenant tenant) {
        return tenant.getStatus() != null
                && List.of(RotatedKeys.values()).stream()
                        .flatMap(each -> tenant.getStatus().condition(each.condition()).stream())
                        .anyMatch(TenantCondition::holds);
    }

    private void lookAt(Tenant tenant) {
        String name = TenantObjects.nameOf(tenant);
        try {
            if (!TenantObjects.hasAnnotation(tenant, Tenancy.ROTATE)) {
                units.find(name)
                        .map(TenantUnit::runtime)
                        .filter(TenantRuntime::hasBegun)
                        .flatMap(runtime -> KeyRotation.due(runtime.pki(), clock.instant()))
                        .ifPresent(due -> objects.annotate(tenant, Tenancy.ROTATE, due.wish()));
            }
            look.accept(name);
        } catch (RuntimeException e) {
            LOG.atWarn().addKeyValue("tenant", name).setCause(e).log("a key could not be changed; it is tried again");
        }
    }
}
