package io.insula.controlplane.tenant;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/// The units of all tenants that this process looks after, by their names: the one place that remembers tenants.
/// Thread-safe.
final class TenantUnits {

    private final TenantRuntime.Settings settings;
    private final ProfileLookup lookup;
    private final Consumer<String> look;
    private final Map<String, TenantUnit> units = new ConcurrentHashMap<>();

    /// @param look told of a sleeping tenant that somebody asks for something; must not block
    TenantUnits(TenantRuntime.Settings settings, ProfileLookup lookup, Consumer<String> look) {
        this.settings = settings;
        this.lookup = lookup;
        this.look = look;
    }

    /// Made when it is first asked for; nothing runs then.
    TenantUnit of(String tenant) {
        return units.computeIfAbsent(
                tenant,
                name -> new TenantUnit(
                        TenantRuntime.ofTenant(name, settings, () -> look.accept(name)),
                        new CachedProfile(lookup.of(name), settings.clock())));
    }

    Optional<TenantUnit> find(String tenant) {
        return Optional.ofNullable(units.get(tenant));
    }

    /// The one of a tenant that has been started here.
    ///
    /// @throws IllegalStateException when it has not
    TenantUnit running(String tenant) {
        return find(tenant)
                .filter(unit -> unit.runtime().hasBegun())
                .orElseThrow(() -> new IllegalStateException("tenant \"" + tenant + "\" does not run yet"));
    }

    Set<String> names() {
        return Set.copyOf(units.keySet());
    }

    /// Forgets a tenant and stops what runs; everything stays on disk.
    void close(String tenant) {
        Optional.ofNullable(units.remove(tenant))
                .ifPresent(unit -> unit.runtime().close());
    }

    /// Stops all, side by side.
    void closeAll() {
        try (var closers = Executors.newVirtualThreadPerTaskExecutor()) {
            List.copyOf(units.values())
                    .forEach(unit -> closers.execute(() -> unit.runtime().close()));
        }
        units.clear();
    }
}
