package io.insula.tenantapi.controllers;

/// What is registered for a controller: a stateless `@Singleton` that makes the per-tenant [Controller].
public interface ControllerFactory {

    /// Upstream's name where there is one (`replicaset-controller`): the user in audit, the source of Events.
    String name();

    Controller create(ControllerContext context);
}
