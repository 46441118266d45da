package io.insula.tenantapi.controllers;

import io.insula.tenantapi.metrics.LoopMetrics;
import io.insula.tenantapi.ports.ObjectClient;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/// Starts controller managers, each for one tenant, from the registered factories. Immutable.
@Singleton
public final class ControllerManagers {

    private final List<ControllerFactory> factories;

    /// @param factories every registered controller; two of one name are refused
    public ControllerManagers(List<ControllerFactory> factories) {
        this.factories = List.copyOf(factories);
        var names = new HashSet<String>();
        for (ControllerFactory factory : factories) {
            if (!names.add(factory.name())) {
                throw new IllegalStateException("controller: " + factory.name() + " (expected: one of each name)");
            }
        }
    }

    /// Starts all registered controllers and returns at once; they begin when their caches have filled.
    ///
    /// @param client the tenant's API as its superuser
    /// @param metrics where the controllers count what they do
    /// @param extra controllers of a role, e.g. the host's scheduler and simulated nodes
    public ControllerManager start(
            ObjectClient client,
            ControllerExecutors executors,
            Clock clock,
            ClusterFacts facts,
            LoopMetrics metrics,
            List<ControllerFactory> extra) {
        var all = new ArrayList<>(factories);
        all.addAll(extra);
        return ControllerManager.start(all, client, executors, clock, facts, metrics);
    }

    /// The names of the registered controllers, for logs and docs.
    public List<String> names() {
        return factories.stream().map(ControllerFactory::name).sorted().toList();
    }
}
