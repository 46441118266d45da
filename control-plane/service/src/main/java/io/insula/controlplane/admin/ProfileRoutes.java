package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.admin.HostTenants.Page;
import io.insula.controlplane.admin.Route.AuditObject;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// The routes of isolation profiles: what there are, what a change would do, and the change. Immutable.
final class ProfileRoutes {

    private static final AuditObject PROFILES = AuditObject.of("isolationprofiles");
    private static final String SPEC = "spec";
    private static final String FROM = "from";
    private static final String ROLL_OUT = "rollOut";

    private final Supplier<AdminService> service;
    private final Function<AdminCall, Page> page;

    /// @param service throws 503 while there is none
    ProfileRoutes(Supplier<AdminService> service, Function<AdminCall, Page> page) {
        this.service = service;
        this.page = page;
    }

    List<Route> all() {
        return List.of(
                Route.get(
                                "/v1/profiles",
                                "listProfiles",
                                PROFILES,
                                call -> AdminAnswer.ok(service.get().listProfiles(page.apply(call))))
                        .withQuery("limit", "continue", "labelSelector"),
                Route.post(
                        "/v1/profiles/{name}/preview",
                        "previewProfile",
                        new AuditObject("isolationprofiles", "preview"),
                        Set.of(SPEC),
                        this::preview),
                Route.post(
                        "/v1/profiles/{name}/apply",
                        "applyProfile",
                        PROFILES,
                        Set.of(SPEC, FROM, ROLL_OUT),
                        this::apply));
    }

    private AdminAnswer preview(AdminCall call) {
        JsonNode spec = call.body().requireObject(SPEC);
        return AdminAnswer.ok(service.get().previewProfile(call.name(), spec));
    }

    private AdminAnswer apply(AdminCall call) {
        JsonNode spec = call.body().requireObject(SPEC);
        boolean rollOut = call.body().flag(ROLL_OUT).orElse(false);
        call.annotate("rollOut", String.valueOf(rollOut));
        return AdminAnswer.ok(
                service.get().applyProfile(call.name(), spec, call.body().text(FROM), rollOut));
    }
}
