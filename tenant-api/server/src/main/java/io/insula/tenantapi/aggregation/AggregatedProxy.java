package io.insula.tenantapi.aggregation;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.auth.RequestHeaderAuthenticator;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.egress.Answer;
import io.insula.tenantapi.egress.OutgoingRequest;
import io.insula.tenantapi.http.Bodies;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.HttpResponder.BodyStream;
import io.insula.tenantapi.http.PassedHeaders;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends a request, already authorized, to a server behind and its answer back. Immutable.
/// Source: kube-aggregator, `pkg/apiserver/handler_proxy.go`; apimachinery, `util/proxy/upgradeaware.go`.
public final class AggregatedProxy {

    private static final Logger LOG = LoggerFactory.getLogger(AggregatedProxy.class);

    /// Until the answer begins, and, unless it goes on for as long as the client wants, until it ends: what a server
    /// behind leaves open may not hold threads of this one.
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /// How long a client may take for what is queued.
    private static final Duration CLIENT_PATIENCE = Duration.ofSeconds(30);

    /// Longer answers, and those of unknown length, are passed on piece by piece.
    private static final int WHOLE_BYTES = 1024 * 1024;

    /// Besides those of one connection.
    private static final Set<String> SET_ANEW = Set.of("accept-encoding", "date", "audit-id");

    private final RemoteCalls calls;
    private final ScheduledExecutorService timers;

    AggregatedProxy(RemoteCalls calls, ScheduledExecutorService timers) {
        this.calls = calls;
        this.timers = timers;
    }

    /// For whom a request is sent on.
    ///
    /// @param auditId under which the server behind records it too
    /// @param longRunning whether the answer may go on for as long as the client wants
    public record Caller(UserInfo user, String auditId, boolean longRunning) {}

    /// Answers; where the answer goes on for long, on a thread of its own.
    ///
    /// @throws ApiException to refuse, while nothing has been answered
    public void handle(RemoteService remote, HttpRequest request, Caller caller, HttpResponder responder) {
        if (!request.proxyCertificates().isEmpty() || !remote.told().available()) {
            error(responder, 503, "service unavailable");
            return;
        }
        if (request.webSocket() || request.header("upgrade").isPresent()) {
            throw ApiException.badRequest("unable to upgrade: upgrades are not passed on to aggregated API servers");
        }
        if (leadsElsewhere(request.path())) {
            throw ApiException.badRequest("the request's path may not contain '.' or '..'");
        }
        try {
            URI url = calls.url(remote, request.path() + (request.query().isEmpty() ? "" : "?" + request.query()));
            send(remote, outgoing(url, request, caller), caller.longRunning(), responder);
        } catch (WebhookFailure e) {
            LOG.atDebug()
                    .addKeyValue("name", remote.name())
                    .addKeyValue("cause", e.text())
                    .log("aggregated API server cannot be resolved");
            error(responder, 503, "service unavailable");
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("the request's URL or headers cannot be passed on: " + e.getMessage());
        }
    }

    /// A server behind may tidy a path up and so understand another resource than the one that was authorized here.
    private static boolean leadsElsewhere(String path) {
        return Arrays.stream(path.split("/", -1))
                .map(segment -> segment.replaceAll("(?i)%2e", "."))
                .anyMatch(segment -> segment.equals(".") || segment.equals(".."));
    }

    private static OutgoingRequest outgoing(URI url, HttpRequest request, Caller caller) {
        var headers = new LinkedHashMap<String, List<String>>();
        Set<String> named = PassedHeaders.named(request.headers("connection"));
        request.headers().forEach((name, values) -> {
            if (isPassed(name) && !named.contains(name)) {
                headers.put(name, values);
            }
        });
        headers.put("X-Forwarded-For", List.of(request.remoteAddress()));
        headers.put("Audit-Id", List.of(caller.auditId()));
        RemoteCalls.identify(headers, caller.user());
        return new OutgoingRequest(request.method(), url, headers, request.body());
    }

    /// Credentials stay here, and nobody but this server says who asks.
    private static boolean isPassed(String header) {
        return !isSetAnew(header)
                && !header.equals("authorization")
                && !header.equals("x-forwarded-for")
                && !header.startsWith("impersonate-")
                && !header.startsWith(":")
                && !RequestHeaderAuthenticator.isOurs(header);
    }

    private static boolean isSetAnew(String header) {
        return PassedHeaders.OF_ONE_CONNECTION.contains(header) || SET_ANEW.contains(header);
    }

    private void send(RemoteService remote, OutgoingRequest request, boolean longRunning, HttpResponder responder) {
        try {
            Answer answer = begun(remote, request);
            if (longRunning) {
                pass(request.method(), answer, () -> {}, responder);
            } else {
                ScheduledFuture<?> end =
                        timers.schedule(() -> close(answer.body()), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                pass(request.method(), answer, () -> end.cancel(false), responder);
            }
        } catch (IOException e) {
            error(responder, 503, "error trying to reach service: " + e.getMessage());
        }
    }

    private Answer begun(RemoteService remote, OutgoingRequest request) throws IOException {
        try {
            return calls.send(remote, request, PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ApiException.unavailable("apiserver is shutting down");
        }
    }

    /// @param done when the answer has been read
    private static void pass(String method, Answer answer, Runnable done, HttpResponder responder) throws IOException {
        int status = answer.status();
        if (status >= 300 && status < 400 && answer.header("location").isPresent()) {
            done.run();
            answer.body().close();
            error(responder, 502, "the backend attempted to redirect this request, which is not permitted");
            return;
        }
        Map<String, List<String>> headers = passed(answer);
        long length = answer.length().orElse(-1);
        boolean bodyless = method.equals("HEAD") || status == 204 || status == 304;
        if (bodyless || (length >= 0 && length <= WHOLE_BYTES)) {
            byte[] whole = whole(answer.body(), bodyless ? 0 : (int) length);
            done.run();
            responder.send(status, headers, whole);
            return;
        }
        BodyStream stream = responder.stream(status, headers);
        stream.onClose(() -> close(answer.body()));
        Thread.ofVirtual().name("api-aggregation-stream").start(() -> {
            Bodies.copy(answer.body(), stream, CLIENT_PATIENCE);
            close(answer.body());
            done.run();
        });
    }

    private static Map<String, List<String>> passed(Answer answer) {
        var headers = new LinkedHashMap<String, List<String>>();
        answer.headers().forEach((name, values) -> {
            if (!isSetAnew(name.toLowerCase(Locale.ROOT)) && !name.startsWith(":")) {
                headers.put(PassedHeaders.capitals(name), values);
            }
        });
        return headers;
    }

    private static byte[] whole(InputStream from, int length) throws IOException {
        try (InputStream body = from) {
            return body.readNBytes(length);
        }
    }

    private static void close(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("aggregated answer does not end");
        }
    }

    private static void error(HttpResponder responder, int status, String text) {
        responder.send(
                status,
                Map.of(
                        "Content-Type",
                        List.of("text/plain; charset=utf-8"),
                        "X-Content-Type-Options",
                        List.of("nosniff")),
                (text + "\n").getBytes(StandardCharsets.UTF_8));
    }
}
