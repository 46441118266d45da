package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.AuditCursors.Cursor;
import io.insula.controlplane.admin.HostTenants.Page;
import io.insula.controlplane.admin.Route.AuditObject;
import io.insula.controlplane.audit.AuditReader;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.metrics.MetricRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The routes; `openapi.json` describes them, and a test holds the two together. Immutable.
final class AdminRoutes {

    private static final int MAX_PAGE = 1_000;
    private static final int MAX_EVENTS = 1_000;
    private static final int MAX_LAST = 100_000;
    private static final int EVENTS = 500;
    private static final int MAX_WAIT_SECONDS = 20;

    private static final AuditObject TENANTS = AuditObject.of("tenants");

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
    private static final Pattern TAG = Pattern.compile("\"([\\x21\\x23-\\x7e]+)\"");

    private final StartUp startUp;
    private final AuditCursors cursors;
    private final InstantSource clock;
    private final RoleRoutes roles;
    private final LoginRoutes logins;

    /// @param endpoint where the admin API itself answers to everybody
    AdminRoutes(StartUp startUp, AdminPki pki, People people, Supplier<String> endpoint, InstantSource clock) {
        this.startUp = startUp;
        this.roles = new RoleRoutes(this::service, pki, endpoint);
        this.logins = new LoginRoutes(this::service, people, pki, endpoint);
        this.clock = clock;
        this.cursors = new AuditCursors(clock);
    }

    List<Route> all() {
        return Stream.of(
                        own(),
                        new BackupRoutes(this::service).all(),
                        new SuspendRoutes(this::service).all(),
                        new RotationRoutes(this::service).all(),
                        new ProfileRoutes(this::service, AdminRoutes::page).all(),
                        roles.all(),
                        logins.all())
                .flatMap(List::stream)
                .map(route -> route.forRoles(RoleTable.of(route.operation())))
                .toList();
    }

    private List<Route> own() {
        return List.of(
                Route.get("/openapi.json", "openApi", AuditObject.NONE, _ -> openApi()),
                Route.get(
                        "/metrics",
                        "metrics",
                        AuditObject.NONE,
                        _ -> AdminAnswer.text(MetricRegistry.CONTENT_TYPE, startUp.metrics())),
                Route.get(
                        "/v1/status",
                        "status",
                        AuditObject.NONE,
                        _ -> AdminAnswer.ok(
                                startUp.service().map(AdminService::status).orElseGet(startUp::status))),
                Route.get(
                                "/v1/tenants",
                                "listTenants",
                                TENANTS,
                                call -> AdminAnswer.ok(service().listTenants(page(call))))
                        .withQuery("limit", "continue", "labelSelector"),
                Route.post("/v1/tenants", "createTenant", TENANTS, NewTenant.FIELDS, this::createTenant)
                        .withHeaders("Idempotency-Key"),
                Route.get("/v1/tenants/{name}", "getTenant", TENANTS, this::getTenant)
                        .withHeaders("If-None-Match"),
                Route.patch("/v1/tenants/{name}", "updateTenant", TENANTS, TenantChange.FIELDS, this::updateTenant)
                        .withHeaders("If-Match"),
                Route.delete("/v1/tenants/{name}", "deleteTenant", TENANTS, this::deleteTenant)
                        .withHeaders("If-Match"),
                Route.post(
                        "/v1/tenants/{name}/sleep", "sleepTenant", subresource("sleep"), Set.of(), this::sleepTenant),
                Route.post("/v1/tenants/{name}/wake", "wakeTenant", subresource("wake"), Set.of(), this::wakeTenant),
                Route.post(
                        "/v1/tenants/{name}/explain",
                        "explainPod",
                        subresource("explain"),
                        Set.of("pod"),
                        this::explainPod),
                Route.post(
                        "/v1/tenants/{name}/kubeconfig",
                        "tenantKubeconfig",
                        subresource("kubeconfig"),
                        CredentialRequest.FIELDS,
                        this::tenantKubeconfig),
                Route.get(
                        "/v1/tenants/{name}/kubeconfigs",
                        "listTenantKubeconfigs",
                        subresource("kubeconfig"),
                        this::listTenantKubeconfigs),
                Route.post(
                        "/v1/tenants/{name}/kubeconfigs/revoke",
                        "revokeTenantKubeconfigs",
                        subresource("kubeconfig"),
                        Revocation.FIELDS,
                        this::revokeTenantKubeconfigs),
                Route.get(
                        "/v1/host/kubeconfigs",
                        "listHostKubeconfigs",
                        AuditObject.NONE,
                        _ -> AdminAnswer.ok(Revocation.list(issuingHost().issued()))),
                Route.post(
                        "/v1/host/kubeconfigs/revoke",
                        "revokeHostKubeconfigs",
                        AuditObject.NONE,
                        Revocation.FIELDS,
                        this::revokeHostKubeconfigs),
                Route.post(
                        "/v1/host/kubeconfig",
                        "hostKubeconfig",
                        AuditObject.NONE,
                        CredentialRequest.FIELDS,
                        this::hostKubeconfig),
                Route.get("/v1/audit", "readAudit", AuditObject.NONE, this::readAudit)
                        .withQuery("tenant", "cursor", "limit", "last", "since", "waitSeconds"));
    }

    /// A tenant as the host has it; empty where there is none.
    ///
    /// @throws AdminException 503 while the service starts
    Optional<ObjectNode> tenant(String name) {
        return service().find(name);
    }

    /// @throws AdminException 503 while the service starts
    private AdminService service() {
        return startUp.service()
                .orElseThrow(() -> AdminException.notReady("the service is starting and waits for " + startUp.waitsFor()
                        + "; `insula status` tells how far it is; try again in a moment"));
    }

    static AdminAnswer openApi() {
        try (InputStream stream = AdminRoutes.class.getResourceAsStream("/openapi.json")) {
            if (stream == null) {
                throw new IllegalStateException("not packaged: openapi.json");
            }
            return AdminAnswer.ok(Json.MAPPER.readTree(stream));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AdminAnswer createTenant(AdminCall call) {
        NewTenant wanted = NewTenant.of(call.body());
        String key = idempotencyKey(call);
        ObjectNode tenant = service().createTenant(wanted, call.user().name(), key);
        call.concerns(wanted.name());
        return tagged(AdminAnswer.created(tenant), tenant).with("Location", "/v1/tenants/" + wanted.name());
    }

    /// Empty where none is given.
    private static String idempotencyKey(AdminCall call) {
        return call.header("idempotency-key")
                .map(key -> {
                    if (!KEY.matcher(key).matches()) {
                        throw AdminException.badRequest(
                                "Idempotency-Key: \"" + key + "\" (expected: 1 to 255 visible ASCII characters)");
                    }
                    return key;
                })
                .orElse("");
    }

    private AdminAnswer getTenant(AdminCall call) {
        ObjectNode tenant = service().getTenant(call.name());
        call.concerns(call.name());
        boolean known = tags(call.header("if-none-match").orElse(""), "If-None-Match", true)
                .contains(AdminService.versionOf(tenant));
        return tagged(known ? AdminAnswer.notModified() : AdminAnswer.ok(tenant), tenant);
    }

    private AdminAnswer updateTenant(AdminCall call) {
        var change = TenantChange.of(call.body());
        requireTenant(call);
        ObjectNode tenant = service().updateTenant(call.name(), change, ifMatch(call));
        return tagged(AdminAnswer.ok(tenant), tenant);
    }

    private AdminAnswer deleteTenant(AdminCall call) {
        requireTenant(call);
        return AdminAnswer.accepted(service().deleteTenant(call.name(), ifMatch(call)));
    }

    private AdminAnswer sleepTenant(AdminCall call) {
        requireTenant(call);
        return AdminAnswer.accepted(service().sleepTenant(call.name()));
    }

    private AdminAnswer wakeTenant(AdminCall call) {
        requireTenant(call);
        return AdminAnswer.accepted(service().wakeTenant(call.name()));
    }

    private AdminAnswer explainPod(AdminCall call) {
        JsonNode pod = call.body().requireObject("pod");
        requireTenant(call);
        return AdminAnswer.ok(service().explain(call.name(), pod));
    }

    static AuditObject subresource(String name) {
        return new AuditObject("tenants", name);
    }

    private AdminAnswer tenantKubeconfig(AdminCall call) {
        CredentialRequest request = CredentialRequest.of(call.body());
        request.tell(call);
        requireTenant(call);
        return issued(call, request, service().tenantKubeconfig(call.name(), request));
    }

    private AdminAnswer listTenantKubeconfigs(AdminCall call) {
        requireTenant(call);
        return AdminAnswer.ok(Revocation.list(service().issued(call.name())));
    }

    private AdminAnswer revokeTenantKubeconfigs(AdminCall call) {
        var wanted = Revocation.of(call.body());
        requireTenant(call);
        return wanted.carryOut(
                call, service().issued(call.name()), serial -> service().revoke(call.name(), serial));
    }

    private AdminAnswer revokeHostKubeconfigs(AdminCall call) {
        var wanted = Revocation.of(call.body());
        HostAccess.Issuing host = issuingHost();
        return wanted.carryOut(call, host.issued(), host::revoke);
    }

    /// @throws AdminException 422 where the host is somebody else's
    private HostAccess.Issuing issuingHost() {
        return switch (service().hostAccess()) {
            case HostAccess.Issuing ours -> ours;
            case HostAccess.Given _ ->
                throw AdminException.invalid("the host cluster is not Insula's own, which issues no certificates for"
                        + " it (expected: an embedded host)");
        };
    }

    /// `{}` asks for what every host has: an administrator's.
    private AdminAnswer hostKubeconfig(AdminCall call) {
        boolean named = !call.body().isEmpty();
        CredentialRequest request = named ? CredentialRequest.of(call.body()) : CredentialRequest.administrator();
        return switch (service().hostAccess()) {
            case HostAccess.Issuing ours -> {
                request.tell(call);
                yield issued(call, request, ours.kubeconfig(request.user(), request.groups(), request.validity()));
            }
            case HostAccess.Given(String yaml) -> {
                if (named) {
                    throw AdminException.invalid("the host cluster is not Insula's own, which issues no certificates"
                            + " for it (expected: {}, for the kubeconfig that `insula up` was given)");
                }
                call.annotate("kubeconfig-user", "as in --host-kubeconfig");
                yield AdminAnswer.ok(Json.object().put("kubeconfig", yaml));
            }
        };
    }

    private AdminAnswer readAudit(AdminCall call) {
        String tenant = call.query("tenant");
        int limit = between("limit", call.number("limit").orElse(EVENTS), 1, MAX_EVENTS);
        int wait = between("waitSeconds", call.number("waitSeconds").orElse(0), 0, MAX_WAIT_SECONDS);
        int last = between("last", call.number("last").orElse(0), 0, MAX_LAST);
        Cursor cursor = cursors.open(call.query("cursor"), call.user().name(), tenant);
        var from = new AdminService.AuditFrom(cursor.position(), last, since(call.query("since")));
        if (!from.position().isEmpty() && (last > 0 || !from.since().equals(Instant.EPOCH))) {
            throw AdminException.badRequest("cursor: goes on with an earlier read (expected: neither last nor since)");
        }
        AuditReader.Page page =
                service().readAudit(new AuditReader.Wanted(tenant, limit), from, Duration.ofSeconds(wait));
        if (cursor.recorded().isPresent()) {
            call.continuesRecorded();
        }
        Instant recorded = cursor.recorded().orElseGet(clock::instant);
        ObjectNode answer = Json.object();
        var items = answer.putArray("items");
        page.json().forEach(event -> items.add(AdminService.parsed(event)));
        answer.put("cursor", cursors.seal(page.cursor(), call.user().name(), tenant, recorded));
        answer.put("complete", page.complete());
        return AdminAnswer.ok(answer);
    }

    /// Any time where none is given.
    private static Instant since(String text) {
        try {
            return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw AdminException.badRequest("since: \"" + text + "\" (expected: a time such as 2026-01-31T12:00:00Z)");
        }
    }

    /// From here on the event is the tenant's, whatever becomes of the request.
    private void requireTenant(AdminCall call) {
        var _ = service().getTenant(call.name());
        call.concerns(call.name());
    }

    static AdminAnswer issued(AdminCall call, CredentialRequest request, IssuedKubeconfig kubeconfig) {
        return issued(call, request, kubeconfig, _ -> {});
    }

    /// @param more is told what else the answer says
    static AdminAnswer issued(
            AdminCall call, CredentialRequest request, IssuedKubeconfig kubeconfig, Consumer<ObjectNode> more) {
        call.annotate("kubeconfig-credential-id", kubeconfig.credentialId());
        call.annotate("kubeconfig-expires", kubeconfig.expires().toString());
        ObjectNode answer = Json.object().put("kubeconfig", kubeconfig.yaml()).put("user", request.user());
        request.groups().forEach(answer.putArray("groups")::add);
        answer.put("expirationTimestamp", kubeconfig.expires().toString());
        answer.put("credentialId", kubeconfig.credentialId());
        more.accept(answer);
        return AdminAnswer.ok(answer);
    }

    private static Page page(AdminCall call) {
        return new Page(
                call.number("limit").map(n -> between("limit", n, 1, MAX_PAGE)).orElse(0),
                call.query("continue"),
                call.query("labelSelector"));
    }

    private static int between(String parameter, int value, int least, int most) {
        if (value < least || value > most) {
            throw AdminException.badRequest(parameter + ": " + value + " (expected: " + least + ".." + most + ")");
        }
        return value;
    }

    private static AdminAnswer tagged(AdminAnswer answer, ObjectNode tenant) {
        return answer.with("ETag", '"' + AdminService.versionOf(tenant) + '"');
    }

    /// `*` holds for every tenant there is.
    private static List<String> ifMatch(AdminCall call) {
        String header = call.header("if-match").orElse("");
        if (call.header("if-match").isPresent() && header.isBlank()) {
            throw AdminException.badRequest("If-Match: empty (expected: \"ETAG\" or *)");
        }
        return header.strip().equals("*") ? List.of() : tags(header, "If-Match", false);
    }

    /// Source: RFC 9110, section 8.8.3.
    ///
    /// @param weak whether weak tags compare equal, too
    private static List<String> tags(String header, String name, boolean weak) {
        if (header.isBlank()) {
            return List.of();
        }
        return Arrays.stream(header.split(",", -1))
                .map(String::strip)
                .map(tag -> weak && tag.startsWith("W/") ? tag.substring(2) : tag)
                .map(tag -> {
                    var matcher = TAG.matcher(tag);
                    if (!matcher.matches()) {
                        throw AdminException.badRequest(name + ": " + tag + " (expected: \"ETAG\")");
                    }
                    return matcher.group(1);
                })
                .toList();
    }
}
