package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.Route.AuditObject;
import io.insula.controlplane.pki.Credentials.Credential;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The routes by which people are given roles in the admin API, as kubeconfigs that lead to it, and lose them.
/// Immutable.
final class RoleRoutes {

    private static final String ROLE = "role";
    private static final String TENANT = "tenant";
    private static final Set<String> FIELDS = with(ROLE, TENANT);

    private final Supplier<AdminService> service;
    private final AdminPki pki;
    private final Supplier<String> endpoint;

    /// @param service throws 503 while there is none
    /// @param endpoint of the admin API, for everybody
    RoleRoutes(Supplier<AdminService> service, AdminPki pki, Supplier<String> endpoint) {
        this.service = service;
        this.pki = pki;
        this.endpoint = endpoint;
    }

    List<Route> all() {
        return List.of(
                Route.post("/v1/admins/kubeconfig", "adminKubeconfig", AuditObject.NONE, FIELDS, this::issue),
                Route.get(
                        "/v1/admins/kubeconfigs",
                        "listAdminKubeconfigs",
                        AuditObject.NONE,
                        _ -> AdminAnswer.ok(Revocation.list(pki.credentials().list()))),
                Route.post(
                        "/v1/admins/kubeconfigs/revoke",
                        "revokeAdminKubeconfigs",
                        AuditObject.NONE,
                        Revocation.FIELDS,
                        call -> Revocation.of(call.body())
                                .carryOut(call, pki.credentials().list(), this::revoke)));
    }

    private static Set<String> with(String... more) {
        var all = new LinkedHashSet<>(CredentialRequest.FIELDS);
        all.remove("groups");
        all.addAll(List.of(more));
        return all;
    }

    private AdminAnswer issue(AdminCall call) {
        String word = call.body().requireText(ROLE);
        Role role = Role.of(word)
                .filter(known -> known != Role.MEMBER)
                .orElseThrow(() -> AdminException.invalid("role: \"" + word + "\" (expected: "
                        + Arrays.stream(Role.values())
                                .filter(known -> known != Role.MEMBER)
                                .map(Role::word)
                                .collect(Collectors.joining(", "))
                        + ")"));
        CredentialRequest request = CredentialRequest.of(call.body(), List.of());
        request.tell(call);
        call.annotate("admin-role", word);
        String group = role.groupFor(role == Role.OWNER ? ownedUid(call) : noTenant(call));
        var granted = new CredentialRequest(request.user(), List.of(group), request.validity());
        return AdminRoutes.issued(
                call, granted, pki.issue(granted.user(), granted.groups(), granted.validity(), endpoint.get()));
    }

    private String ownedUid(AdminCall call) {
        String name = call.body().requireText(TENANT);
        ObjectNode tenant = service.get().getTenant(name);
        call.concerns(name);
        return tenant.path("metadata").path("uid").asText();
    }

    private static String noTenant(AdminCall call) {
        if (call.body().has(TENANT)) {
            throw AdminException.invalid("tenant: is given (expected: with the role owner only)");
        }
        return "";
    }

    /// Else nobody could undo it.
    private Credential revoke(String serial) {
        if (pki.isOwn(serial)) {
            throw AdminException.invalid("serial: " + serial + " is this home's own superuser, whose certificate is as"
                    + " good as the home folder (expected: one that was issued)");
        }
        return pki.credentials().revoke(serial);
    }
}
