package io.insula.controlplane.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.admin.Route.AuditObject;
import io.insula.controlplane.tenant.Tenancy;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets superusers in, and others by their roles, finds the route, has it done, and records it before it is
/// answered: every request that gets here or that the edge refuses has one event, which tells what was routed
/// and done and not what a path looks like. What no route is for is refused and recorded like everything else.
/// Thread-safe.
///
/// Nothing but method, path, query, body and the headers that a route names has a say: there is no override of the
/// method, and a path is what its bytes are, without decoding, dot segments or a slash too many.
final class AdminGate implements HttpHandler {

    static final int MAX_BODY_BYTES = 64 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(AdminGate.class);

    private final List<Route> routes;
    private final Function<String, AuditSink> audit;
    private final Clock clock;
    private final Callers callers;
    private final Function<String, Optional<ObjectNode>> tenants;

    /// @param audit the sink of a tenant's trail
    /// @param tenants a tenant by its name; empty where there is none
    AdminGate(
            List<Route> routes,
            Function<String, AuditSink> audit,
            Clock clock,
            Callers callers,
            Function<String, Optional<ObjectNode>> tenants) {
        this.routes = List.copyOf(routes);
        this.audit = audit;
        this.clock = clock;
        this.callers = callers;
        this.tenants = tenants;
    }

    @Override
    public void handle(HttpRequest request, HttpResponder responder) {
        AdminCall call = begin(request);
        AdminAnswer answer;
        try {
            answer = serve(call);
        } catch (AdminException e) {
            answer = AdminAnswer.problem(failed(call, e));
        } catch (RuntimeException | StackOverflowError e) {
            LOG.atError()
                    .addKeyValue("auditID", call.trail().id())
                    .addKeyValue("path", request.path())
                    .setCause(e)
                    .log("admin request failed");
            answer = AdminAnswer.problem(failed(
                    call,
                    AdminException.internal("the request failed; the service's log says why, with the audit ID "
                            + call.trail().id())));
        }
        answer = recorded(call, answer);
        send(call, answer, responder);
    }

    /// Records it under the name of whoever shows a good certificate.
    @Override
    public void refused(HttpRefusal refusal) {
        AdminCall call = begin(refusal.request());
        try {
            call.authenticated(callers.byCertificate(refusal.request()), false);
        } catch (AdminException e) {
            LOG.atDebug().setCause(e).log("a request that is refused has no good certificate");
        }
        call.trail().refused(refusal.status(), refusal.message());
    }

    /// The event's ID is ours alone: a consumer that takes each ID once must not overlook a request whose client chose
    /// one that has been.
    private AdminCall begin(HttpRequest request) {
        var holder = new AdminCall[1];
        var sink = new AuditSink() {
            @Override
            public void accept(ObjectNode event) {
                audit.apply(holder[0].tenant()).accept(event);
            }

            @Override
            public void requireTaking() {
                audit.apply(holder[0].tenant()).requireTaking();
            }
        };
        var trail = new AuditTrail(sink, clock, "");
        String uri = request.query().isEmpty() ? request.path() : request.path() + "?" + request.query();
        trail.request(
                uri,
                request.method().toLowerCase(Locale.ROOT),
                request.header("user-agent").orElse(""),
                List.of(request.remoteAddress()));
        trail.annotate("insula.io/api", "admin");
        holder[0] = new AdminCall(request, trail);
        return holder[0];
    }

    private AdminAnswer serve(AdminCall call) {
        boolean hasRole = admit(call);
        HttpRequest request = call.request();
        Routed routed;
        try {
            routed = routed(call);
        } catch (AdminException e) {
            // What is served is nothing that this tells to whoever has no role anywhere.
            throw hasRole || e.problem() == AdminException.Problem.UNAVAILABLE ? e : withoutRole(call);
        }
        RequestRules.requireKnownHeaders(request, routed.route().headers());
        call.routed(
                routed.variable(),
                routed.query(),
                RequestRules.body(request, routed.route().body(), MAX_BODY_BYTES));
        requireRecordable(call);
        return routed.route().work().answer(call);
    }

    private record Routed(Route route, String variable, Map<String, String> query) {}

    private Routed routed(AdminCall call) {
        HttpRequest request = call.request();
        Route route = route(request);
        String variable = route.match(request.path()).orElseThrow();
        describe(call, route, variable);
        RequestRules.requireAcceptsJson(request);
        Map<String, String> query = RequestRules.query(request.query(), route.query());
        requireRole(call, route, variable.isEmpty() ? query.getOrDefault("tenant", "") : variable);
        return new Routed(route, variable, query);
    }

    /// Nothing is done that could not be recorded afterwards.
    private static void requireRecordable(AdminCall call) {
        try {
            call.trail().received();
        } catch (AuditSink.Unavailable e) {
            throw AdminException.notReady("the audit trail takes no events, so nothing was done: " + e.getMessage());
        }
    }

    /// Whether the caller has a role, whatever is asked for; one with a token may have one in the tenant that is asked
    /// for, which is seen later.
    private boolean admit(AdminCall call) {
        Callers.Caller caller = callers.authenticate(call);
        call.authenticated(caller.user(), caller.byToken());
        boolean hasRole = Role.any(caller.user().groups());
        call.trail().annotate(WellKnownKeys.AUDIT_DECISION, hasRole ? "allow" : "forbid");
        if (!hasRole && !caller.byToken()) {
            throw withoutRole(call);
        }
        return hasRole;
    }

    private static AdminException withoutRole(AdminCall call) {
        return AdminException.forbidden("user \"" + call.user().name() + "\" has no role"
                + (call.isByToken()
                        ? " here by any of the token's groups"
                        : ": is not in the group " + AdminPki.SUPERUSERS));
    }

    /// Whether there is such a tenant is nothing that this tells to whoever does not own it.
    private void requireRole(AdminCall call, Route route, String tenant) {
        boolean allowed =
                Role.allow(call.user().groups(), route, tenant, name -> Role.inTenant(tenants.apply(name), call));
        if (allowed) {
            call.trail().annotate(WellKnownKeys.AUDIT_DECISION, "allow");
        } else {
            call.trail().annotate(WellKnownKeys.AUDIT_DECISION, "forbid");
            throw AdminException.forbidden("user \"" + call.user().name() + "\" may not ask for " + route.operation()
                    + (tenant.isEmpty() ? "" : " of tenant \"" + tenant + "\"") + " (expected: "
                    + Stream.concat(Stream.of(Role.SUPERUSER), route.roles().stream())
                            .sorted()
                            .map(role -> role.isOfOneTenant() ? "its " + role.word() : role.word())
                            .collect(Collectors.joining(", "))
                    + ")");
        }
    }

    private Route route(HttpRequest request) {
        List<Route> there = RequestRules.isPlain(request.path())
                ? routes.stream()
                        .filter(route -> route.match(request.path()).isPresent())
                        .toList()
                : List.of();
        if (there.isEmpty()) {
            throw AdminException.notFound(
                    request.path() + " is not served; /openapi.json lists what is, and paths are taken to the letter");
        }
        return there.stream()
                .filter(route -> route.method().equals(request.method()))
                .findFirst()
                .orElseThrow(() -> {
                    List<String> methods =
                            there.stream().map(Route::method).sorted().toList();
                    return AdminException.methodNotAllowed(
                            request.method() + " is not served at " + request.path() + " (expected: "
                                    + String.join(", ", methods) + ")",
                            methods);
                });
    }

    private static void describe(AdminCall call, Route route, String variable) {
        HttpRequest request = call.request();
        String uri = request.query().isEmpty() ? request.path() : request.path() + "?" + request.query();
        call.trail().request(uri, route.verb(), "", List.of());
        call.trail().user(call.user());
        AuditObject object = route.object();
        if (!object.resource().isEmpty()) {
            call.trail().object(Tenancy.GROUP, Tenancy.VERSION, object.resource(), object.subresource(), "", variable);
        }
    }

    private static AdminException failed(AdminCall call, AdminException failure) {
        call.trail()
                .failure(Json.object()
                        .put("status", "Failure")
                        .put("message", String.valueOf(failure.getMessage()))
                        .put("reason", failure.problem().reason()));
        return failure;
    }

    /// What cannot be recorded is not handed out, though it may have been done.
    private static AdminAnswer recorded(AdminCall call, AdminAnswer answer) {
        if (!call.isRecorded() && answer.status() == 200) {
            return answer;
        }
        try {
            call.trail().complete(answer.status());
            return answer;
        } catch (AuditSink.Unavailable e) {
            return answer.status() >= 400 ? answer : withheld();
        } catch (RuntimeException e) {
            LOG.atError()
                    .addKeyValue("auditID", call.trail().id())
                    .addKeyValue("path", call.request().path())
                    .setCause(e)
                    .log("admin request cannot be recorded");
            return withheld();
        }
    }

    private static AdminAnswer withheld() {
        return AdminAnswer.problem(AdminException.internal("the request cannot be recorded in the audit trail, so its"
                + " answer is withheld; it may have been done"));
    }

    private static void send(AdminCall call, AdminAnswer answer, HttpResponder responder) {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Content-Type", List.of(answer.contentType()));
        headers.put("Cache-Control", List.of("no-store"));
        headers.put("X-Content-Type-Options", List.of("nosniff"));
        headers.put("Audit-Id", List.of(call.trail().id()));
        headers.putAll(answer.headers());
        responder.send(answer.status(), headers, answer.bytes());
    }
}
