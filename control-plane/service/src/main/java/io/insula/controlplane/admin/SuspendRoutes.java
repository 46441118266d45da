package io.insula.controlplane.admin;

import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// The routes by which a tenant is suspended and resumed. Immutable.
final class SuspendRoutes {

    private final Supplier<AdminService> service;

    /// @param service throws 503 while there is none
    SuspendRoutes(Supplier<AdminService> service) {
        this.service = service;
    }

    List<Route> all() {
        return List.of(
                Route.post(
                        "/v1/tenants/{name}/suspend",
                        "suspendTenant",
                        AdminRoutes.subresource("suspend"),
                        Set.of(),
                        call -> suspend(call, true)),
                Route.post(
                        "/v1/tenants/{name}/resume",
                        "resumeTenant",
                        AdminRoutes.subresource("resume"),
                        Set.of(),
                        call -> suspend(call, false)));
    }

    private AdminAnswer suspend(AdminCall call, boolean on) {
        var _ = service.get().getTenant(call.name());
        call.concerns(call.name());
        return AdminAnswer.accepted(service.get().suspendTenant(call.name(), on));
    }
}
