package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.Route.AuditObject;
import io.insula.tenantapi.api.Json;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/// The routes of people who log in at an issuer: where they do, who of them has a say about a tenant, and how their
/// token becomes a short client certificate for it. Immutable.
final class LoginRoutes {

    private static final Set<String> FIELDS = Set.of("expirationSeconds");
    private static final List<String> SCOPES = List.of("openid", "profile", "email", "groups");

    private final Supplier<AdminService> service;
    private final People people;
    private final AdminPki pki;
    private final Supplier<String> endpoint;

    /// @param service throws 503 while there is none
    /// @param endpoint of the admin API, for everybody
    LoginRoutes(Supplier<AdminService> service, People people, AdminPki pki, Supplier<String> endpoint) {
        this.service = service;
        this.people = people;
        this.pki = pki;
        this.endpoint = endpoint;
    }

    List<Route> all() {
        return List.of(
                Route.get("/v1/login", "describeLogin", AuditObject.NONE, _ -> AdminAnswer.ok(description())),
                Route.post(
                        "/v1/tenants/{name}/login",
                        "logInToTenant",
                        AdminRoutes.subresource("login"),
                        FIELDS,
                        this::logIn),
                Route.post(
                        "/v1/tenants/{name}/access",
                        "setTenantAccess",
                        AdminRoutes.subresource("access"),
                        Set.of(TenantAccess.FIELD),
                        this::setAccess));
    }

    /// All that somebody needs to know before they log in. Nothing of it is secret.
    private ObjectNode description() {
        OidcPlan plan = requirePlan();
        ObjectNode answer = Json.object().put("server", endpoint.get()).put("certificateAuthority", pki.authorityPem());
        ObjectNode issuer = answer.putObject("issuer")
                .put("url", plan.issuer())
                .put("clientId", plan.clientId())
                .put("certificateAuthority", plan.authority());
        SCOPES.forEach(issuer.putArray("scopes")::add);
        return answer;
    }

    private AdminAnswer logIn(AdminCall call) {
        var _ = requirePlan();
        if (!call.isByToken()) {
            throw AdminException.invalid("a client certificate has no groups of an issuer (expected: a token; the"
                    + " kubeconfig route issues for whom a request names)");
        }
        ObjectNode tenant = service.get().getTenant(call.name());
        call.concerns(call.name());
        var granted = TokenCredential.of(
                call.user(), TenantAccess.of(tenant), call.body().number("expirationSeconds"));
        CredentialRequest request = granted.request();
        request.tell(call);
        if (!granted.leftOut().isEmpty()) {
            call.annotate("kubeconfig-groups-left-out", String.join(",", granted.leftOut()));
        }
        return AdminRoutes.issued(
                call,
                request,
                service.get().tenantKubeconfig(call.name(), request),
                answer -> granted.leftOut().forEach(answer.putArray("groupsLeftOut")::add));
    }

    private AdminAnswer setAccess(AdminCall call) {
        var wanted = call.body()
                .list(TenantAccess.FIELD)
                .map(TenantAccess::read)
                .orElseThrow(() -> AdminException.badRequest(TenantAccess.FIELD + ": missing (expected: an array)"));
        call.annotate("access", wanted.toString());
        var _ = service.get().getTenant(call.name());
        call.concerns(call.name());
        return AdminAnswer.ok(service.get().setAccess(call.name(), wanted));
    }

    private OidcPlan requirePlan() {
        return people.plan()
                .orElseThrow(() -> AdminException.invalid(
                        "there is no issuer at which anybody could log in (expected: `insula up --oidc-issuer`)"));
    }
}
