package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.tenant.KeyRotation;
import io.insula.controlplane.tenant.KeyRotation.Phase;
import io.insula.controlplane.tenant.RotatedKeys;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.tenantapi.view.Condition;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The route by which keys of a tenant change: a wish on the `Tenant`, which the control plane fulfils. Immutable.
final class RotationRoutes {

    private static final String KEYS = "keys";
    private static final String PHASE = "phase";
    private static final String FORCE = "force";
    private static final int SHOWN = 64;

    private final Supplier<AdminService> service;

    /// @param service throws 503 while there is none
    RotationRoutes(Supplier<AdminService> service) {
        this.service = service;
    }

    List<Route> all() {
        return List.of(Route.post(
                "/v1/tenants/{name}/rotate",
                "rotateTenantKeys",
                AdminRoutes.subresource("rotate"),
                Set.of(KEYS, PHASE, FORCE),
                this::rotate));
    }

    private AdminAnswer rotate(AdminCall call) {
        KeyRotation wanted = read(call.body());
        boolean force = call.body().flag(FORCE).orElse(false);
        call.annotate("rotation", wanted.wish());
        JsonNode tenant = service.get().getTenant(call.name());
        call.concerns(call.name());
        requireOneAtATime(tenant, wanted);
        if (wanted.phase() == Phase.FINISH) {
            requireBegun(tenant, wanted.keys());
            if (!force && wanted.keys() == RotatedKeys.AUTHORITY) {
                requireReplaced(service.get().outdated(call.name()));
            }
        }
        return AdminAnswer.accepted(
                service.get().annotate(call.name(), Tenancy.ROTATE, TextNode.valueOf(wanted.wish())));
    }

    private static KeyRotation read(StrictBody body) {
        String keys = body.requireText(KEYS);
        String phase = body.text(PHASE).orElse(Phase.BEGIN.word());
        return new KeyRotation(
                RotatedKeys.ofWord(keys)
                        .orElseThrow(() -> AdminException.badRequest(
                                KEYS + ": \"" + cut(keys) + "\" (expected: " + RotatedKeys.words() + ")")),
                Phase.ofWord(phase)
                        .orElseThrow(() -> AdminException.badRequest(
                                PHASE + ": \"" + cut(phase) + "\" (expected: begin or finish)")));
    }

    /// A wish that took another one's place would be lost.
    private static void requireOneAtATime(JsonNode tenant, KeyRotation wanted) {
        String pending =
                tenant.path("metadata").path("annotations").path(Tenancy.ROTATE).asText(wanted.wish());
        if (!pending.equals(wanted.wish())) {
            throw AdminException.alreadyExists(
                    "another change is under way: \"" + pending + "\"; try again when it is done");
        }
    }

    private static void requireBegun(JsonNode tenant, RotatedKeys keys) {
        if (!Condition.of(tenant, keys.condition()).exists()) {
            throw AdminException.invalid(PHASE + ": finish, but no change of the key has begun (expected: begin)");
        }
    }

    private static void requireReplaced(List<Credential> outdated) {
        if (!outdated.isEmpty()) {
            throw AdminException.invalid("kubeconfigs of the former authority are in use still: "
                    + outdated.stream()
                            .map(each -> each.user() + " (" + each.serial() + ")")
                            .collect(Collectors.joining(", "))
                    + " (expected: all of them replaced and revoked; or force, which has them refused)");
        }
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(text.length(), SHOWN));
    }
}
