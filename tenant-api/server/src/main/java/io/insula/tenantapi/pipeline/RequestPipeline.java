package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.aggregation.AggregatedProxy;
import io.insula.tenantapi.aggregation.Aggregation;
import io.insula.tenantapi.aggregation.RemoteService;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.auth.Authenticator;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.Credentials;
import io.insula.tenantapi.auth.Forbidden;
import io.insula.tenantapi.auth.Impersonation;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.flowcontrol.Admission;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ObjectStore;
import io.insula.tenantapi.wire.Negotiation;
import io.insula.tenantapi.wire.Negotiation.Choice;
import io.insula.tenantapi.wire.WireCodec;
import io.insula.tenantapi.wire.WireFormat;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Handles every request of one server. Thread-safe.
/// Source: kubernetes/apiserver, `server/config.go` (DefaultBuildHandlerChain).
public final class RequestPipeline implements HttpHandler {

    private static final Logger LOG = LoggerFactory.getLogger(RequestPipeline.class);
    private static final byte[] TOO_MANY =
            "Too many requests, please try again later.\n".getBytes(StandardCharsets.UTF_8);
    private static final List<WireFormat> STATUS_FORMATS = List.of(WireFormat.values());

    private static final String OPENAPI = "/openapi/v3";

    private final WireCodec codec;
    private final Authenticator authenticator;
    private final Authorizer authorizer;
    private final AuditSink auditSink;
    private final Clock clock;
    private final ResourceHandler resources;
    private final List<Endpoint> endpoints;
    private final Aggregation aggregation;
    private final AggregatedProxy proxy;
    private final PipelineService service;
    private final RequestMetrics metrics;
    private final Deadlines deadlines;
    private final OpenStreams streams = new OpenStreams();
    private final WorkEstimate estimate;
    private final StandingPermissions permissions;

    /// What a pipeline works with.
    ///
    /// @param aggregation knows which servers stand behind this one
    /// @param endpoints answer paths that are no resources, in order
    public record Parts(
            WireCodec codec,
            KindRegistry kinds,
            ObjectStore store,
            Authenticator authenticator,
            Authorizer authorizer,
            AuditSink auditSink,
            PassThrough passThrough,
            Aggregation aggregation,
            List<Endpoint> endpoints,
            PipelineService service,
            Clock clock) {
        public Parts {
            endpoints = List.copyOf(endpoints);
        }
    }

    public RequestPipeline(Parts parts) {
        codec = parts.codec();
        authenticator = parts.authenticator();
        authorizer = parts.authorizer();
        auditSink = parts.auditSink();
        clock = parts.clock();
        endpoints = parts.endpoints();
        service = parts.service();
        aggregation = parts.aggregation();
        proxy = aggregation.proxy();
        metrics = new RequestMetrics(parts.kinds(), service.metrics());
        deadlines = new Deadlines(service.timers(), this::endOverdue);
        estimate = new WorkEstimate(parts.kinds());
        permissions = new StandingPermissions(authorizer, service.revoked(), service.timers());
        resources = new ResourceHandler(
                parts.kinds(),
                parts.store(),
                parts.authorizer(),
                parts.passThrough(),
                permissions,
                estimate,
                parts.clock());
    }

    @Override
    public void handle(HttpRequest request, HttpResponder responder) {
        AuditTrail audit = trail(request);
        Query query = Query.of(request.query());
        RequestInfo info = info(request, query);
        describe(audit, request, info);
        var exchange = new Exchange(request, responder, query, info, audit, codec, metrics, streams);
        metrics.began(exchange);
        try {
            deadlines.begin(exchange);
            serve(exchange);
        } catch (ApiException e) {
            refuse(exchange, e);
        } catch (AuditSink.Unavailable e) {
            exchange.refuseUnrecorded(e);
        } catch (RuntimeException | StackOverflowError e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("auditID", audit.id())
                    .addKeyValue("verb", info.verb())
                    .addKeyValue("path", info.path())
                    .log("request failed");
            refuse(exchange, ApiException.internal("see the server's log, audit ID " + audit.id(), null));
        } finally {
            deadlines.end(exchange);
            if (!exchange.isStreaming()) {
                metrics.ended(exchange);
            }
        }
    }

    /// Records it under the name of whoever shows good credentials.
    @Override
    public void refused(HttpRefusal refusal) {
        HttpRequest request = refusal.request();
        AuditTrail audit = trail(request);
        describe(audit, request, info(request, Query.of(request.query())));
        try {
            authenticator.authenticate(credentials(request)).ifPresent(audit::user);
        } catch (ApiException e) {
            LOG.atDebug().setCause(e).log("a request that is refused has no good credentials");
        }
        audit.refused(refusal.status(), refusal.message());
    }

    /// Waits until the ends of all streams have been recorded; they have ended already.
    ///
    /// @return false when some had not been at the end of `patience`
    public boolean awaitRecorded(Duration patience) {
        return streams.awaitNone(patience);
    }

    private AuditTrail trail(HttpRequest request) {
        return new AuditTrail(
                service.auditPolicy(),
                auditSink,
                clock,
                request.header("audit-id").orElse(""));
    }

    private static RequestInfo info(HttpRequest request, Query query) {
        try {
            return RequestInfo.of(request, query);
        } catch (ApiException e) {
            // a field selector that cannot be parsed: refused, but only after the user is known
            return RequestInfo.of(request, Query.of(""));
        }
    }

    private void endOverdue(Exchange exchange, ApiException error) {
        metrics.terminated(exchange, error.code());
        refuse(exchange, error);
    }

    private void serve(Exchange exchange) {
        UserInfo user = authenticate(exchange);
        exchange.user(user);
        exchange.audit().user(user);
        UserInfo actual = Impersonation.resolve(user, exchange.request().headers(), authorizer);
        if (!actual.equals(user)) {
            exchange.user(actual);
            exchange.audit().impersonated(actual);
        }
        exchange.recordReceived();
        if (exchange.info().isLongRunning() && !exchange.info().verb().equals("watch")) {
            answer(exchange, actual);
            return;
        }
        try (Admission admission = admit(exchange, actual)) {
            exchange.flow(admission.schemaUid(), admission.levelUid());
            if (admission.isGranted()) {
                // a watch holds its seat until its first events have been sent
                answer(exchange, actual);
            } else {
                metrics.terminated(exchange, 429);
                exchange.send(
                        429,
                        "text/plain; charset=utf-8",
                        TOO_MANY,
                        Map.of(
                                "Retry-After",
                                List.of(Integer.toString(admission.retryAfterSeconds())),
                                "X-Content-Type-Options",
                                List.of("nosniff")));
            }
        }
    }

    private UserInfo authenticate(Exchange exchange) {
        try {
            UserInfo user =
                    authenticator.authenticate(credentials(exchange.request())).orElseThrow(ApiException::unauthorized);
            metrics.authenticated(true);
            return user;
        } catch (ApiException e) {
            metrics.authenticated(false);
            throw e;
        }
    }

    private static Credentials credentials(HttpRequest request) {
        return new Credentials(
                request.path(), request.headers(), request.clientCertificates(), request.proxyCertificates());
    }

    private Admission admit(Exchange exchange, UserInfo user) {
        service.beforeAdmission().run();
        try {
            return service.flowControl()
                    .admit(exchange.info().flow(user), estimate.of(exchange), Deadlines.LONGEST.dividedBy(4));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.unavailable("apiserver is shutting down");
        }
    }

    private void answer(Exchange exchange, UserInfo user) {
        authorize(exchange, user);
        Optional<RemoteService> behind = behind(exchange.info());
        if (behind.isPresent()) {
            var caller = new AggregatedProxy.Caller(
                    user, exchange.audit().id(), exchange.info().isLongRunning());
            proxy.handle(behind.get(), exchange.request(), caller, new PassThroughResponder(exchange, permissions));
        } else if (exchange.info().isResource()) {
            resources.handle(exchange);
        } else {
            other(exchange);
        }
    }

    /// Who serves the group and version of a path; empty when this server does, or nobody.
    private Optional<RemoteService> behind(RequestInfo info) {
        if (info.isResource()) {
            return info.group().isEmpty() ? Optional.empty() : aggregation.remote(info.group(), info.version());
        }
        if (info.path().startsWith(OPENAPI)) {
            return behind(info.path().substring(OPENAPI.length()))
                    .filter(remote -> !remote.told().documents().v3Url().isEmpty());
        }
        return behind(info.path());
    }

    /// @param path `/apis/{group}/{version}`, and nothing more
    private Optional<RemoteService> behind(String path) {
        String[] parts = path.split("/", 5);
        boolean version = parts.length >= 4 && parts[1].equals("apis") && (parts.length == 4 || parts[4].isEmpty());
        return version ? aggregation.remote(parts[2], parts[3]) : Optional.empty();
    }

    private void authorize(Exchange exchange, UserInfo user) {
        var attributes = exchange.info().attributes(user);
        Authorizer.Decision decision = authorizer.authorize(attributes);
        metrics.authorized(decision.allowed());
        exchange.audit().annotate(WellKnownKeys.AUDIT_DECISION, decision.allowed() ? "allow" : "forbid");
        exchange.audit().annotate(WellKnownKeys.AUDIT_REASON, decision.reason());
        if (!decision.allowed()) {
            throw Forbidden.of(attributes, decision);
        }
    }

    private void other(Exchange exchange) {
        for (Endpoint endpoint : endpoints) {
            Optional<Endpoint.Reply> reply = endpoint.answer(exchange.request());
            if (reply.isPresent()) {
                Endpoint.Reply answer = reply.get();
                exchange.send(answer.status(), answer.contentType(), answer.body(), answer.headers());
                return;
            }
        }
        exchange.sendText(404, "404 page not found\n");
    }

    private void refuse(Exchange exchange, ApiException error) {
        if (exchange.answered()) {
            LOG.atDebug().setCause(error).log("failure after the answer had begun");
            return;
        }
        ObjectNode status = error.status();
        exchange.audit().failure(recorded(exchange, status));
        exchange.audit().responseObject(status);
        Choice choice = statusFormat(exchange);
        byte[] body = codec.encode(status, choice.format(), exchange.pretty());
        int retry = status.path("details").path("retryAfterSeconds").asInt();
        Map<String, List<String>> headers =
                retry > 0 ? Map.of("Retry-After", List.of(Integer.toString(retry))) : Map.of();
        exchange.send(error.code(), choice.contentType(), body, headers);
    }

    /// Who is not let in learns nothing; the trail says how they tried.
    private static ObjectNode recorded(Exchange exchange, ObjectNode status) {
        return status.path("code").asInt() == 401
                ? status.deepCopy().put("message", AuthenticationAttempts.message(exchange.request()))
                : status;
    }

    private static Choice statusFormat(Exchange exchange) {
        try {
            Choice choice = Negotiation.choose(exchange.accept(), STATUS_FORMATS, asked -> true);
            return new Choice(choice.format(), "", "", "");
        } catch (ApiException e) {
            return new Choice(WireFormat.JSON, "", "", "");
        }
    }

    private static void describe(AuditTrail audit, HttpRequest request, RequestInfo info) {
        String uri = request.query().isEmpty() ? request.path() : request.path() + "?" + request.query();
        audit.request(uri, info.verb(), request.header("user-agent").orElse(""), List.of(request.remoteAddress()));
        if (info.isResource()) {
            audit.object(
                    info.group(), info.version(), info.resource(), info.subresource(), info.namespace(), info.name());
        }
    }
}
