package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.HttpResponder.BodyStream;
import io.insula.tenantapi.registry.TextPage;
import io.insula.tenantapi.tunnel.Tunnel;
import io.insula.tenantapi.wire.Negotiation;
import io.insula.tenantapi.wire.WireCodec;
import io.insula.tenantapi.wire.WireFormat;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

/// One request and its answer. Every answer leaves through here, so that it carries the common headers and its
/// audit event is recorded first. Only the first answer does: where a deadline answers for the handler, what that
/// says later is dropped. Otherwise confined to the request's thread until an answer streams.
final class Exchange {

    static final int SWITCHING = 101;

    /// All warnings of an answer together, in bytes. Source: kubernetes/apiserver, `filters/warning.go`.
    private static final int MAX_WARNINGS = 4096;

    private static final UserInfo NOBODY = new UserInfo("", "", List.of(), Map.of());
    private static final Pattern BROWSER = Pattern.compile("(?i)^(curl|wget|mozilla)");

    private volatile HttpRequest request;
    private final HttpResponder responder;
    private volatile Query query;
    private volatile RequestInfo info;
    private final AuditTrail audit;
    private final WireCodec codec;
    private final RequestMetrics metrics;
    private final OpenStreams streams;
    private final long startNanos = System.nanoTime();
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private volatile boolean streaming;
    private volatile boolean received;
    private volatile long allowedNanos = Long.MAX_VALUE;
    private volatile Map<String, List<String>> flowHeaders = Map.of();
    private UserInfo user = NOBODY;

    Exchange(
            HttpRequest request,
            HttpResponder responder,
            Query query,
            RequestInfo info,
            AuditTrail audit,
            WireCodec codec,
            RequestMetrics metrics,
            OpenStreams streams) {
        this.request = request;
        this.responder = responder;
        this.query = query;
        this.info = info;
        this.audit = audit;
        this.codec = codec;
        this.metrics = metrics;
        this.streams = streams;
    }

    HttpRequest request() {
        return request;
    }

    Query query() {
        return query;
    }

    RequestInfo info() {
        return info;
    }

    AuditTrail audit() {
        return audit;
    }

    WireCodec codec() {
        return codec;
    }

    List<String> warnings() {
        return warnings;
    }

    UserInfo user() {
        return user;
    }

    void user(UserInfo known) {
        user = known;
    }

    /// Whether an answer has begun: then no other can be sent.
    boolean answered() {
        return claimed.get();
    }

    /// Whether the answer goes on when the handler has returned.
    boolean isStreaming() {
        return streaming;
    }

    /// How long it may take, from its beginning.
    void allow(Duration time) {
        allowedNanos = time.toNanos();
    }

    boolean isOverdue() {
        return ageNanos() > allowedNanos;
    }

    long ageNanos() {
        return System.nanoTime() - startNanos;
    }

    /// What flow control made of it.
    void flow(String schemaUid, String levelUid) {
        flowHeaders = Map.of(
                "X-Kubernetes-Pf-Flowschema-Uid",
                List.of(schemaUid),
                "X-Kubernetes-Pf-Prioritylevel-Uid",
                List.of(levelUid));
    }

    RequestMetrics metrics() {
        return metrics;
    }

    List<String> accept() {
        return request.headers("accept");
    }

    String userAgent() {
        return request.header("user-agent").orElse("");
    }

    boolean pretty() {
        return query.flag("pretty").orElseGet(() -> BROWSER.matcher(userAgent()).find());
    }

    void sendObject(int status, JsonNode object, Negotiation.Choice choice) {
        byte[] body = codec.encode(object, choice.format(), pretty());
        audit.responseObject(object);
        send(status, choice.contentType(), body, Map.of());
    }

    /// Whether an answer in JSON may be sent as bytes: nobody wants it pretty, no audit event holds it.
    boolean takesText() {
        return !pretty() && !audit.wantsResponseObject();
    }

    /// A list that has been put together already.
    void sendList(TextPage page, Negotiation.Choice choice) {
        if (page.packed().length == 0) {
            send(200, choice.contentType(), page.body(), Map.of());
        } else {
            send(
                    200,
                    choice.contentType(),
                    page.packed(),
                    Map.of("Content-Encoding", List.of("gzip"), "Vary", List.of("Accept-Encoding")));
        }
    }

    void sendText(int status, String text) {
        send(
                status,
                "text/plain; charset=utf-8",
                text.getBytes(StandardCharsets.UTF_8),
                Map.of("X-Content-Type-Options", List.of("nosniff")));
    }

    /// A JSON document, whatever the client accepts.
    void sendJson(int status, JsonNode document) {
        send(status, "application/json", codec.encode(document, WireFormat.JSON, pretty()), Map.of());
    }

    void send(int status, String contentType, byte[] body, Map<String, List<String>> more) {
        if (!claimed.compareAndSet(false, true)) {
            return;
        }
        try {
            audit.complete(status);
        } catch (AuditSink.Unavailable e) {
            sendUnrecorded(e);
            return;
        }
        metrics.answered(this, status, body.length);
        var headers = headers(more);
        if (!contentType.isEmpty()) {
            headers.put("Content-Type", List.of(contentType));
        }
        responder.send(status, headers, body);
    }

    /// Records that it is known who asks for what, before anything is done.
    void recordReceived() {
        audit.received();
        received = true;
    }

    /// The only answer to a request that the audit trail does not take.
    void refuseUnrecorded(AuditSink.Unavailable error) {
        if (claimed.compareAndSet(false, true)) {
            sendUnrecorded(error);
        }
    }

    private void sendUnrecorded(AuditSink.Unavailable error) {
        ApiException answer = ApiException.unavailable("the audit trail takes no events (" + error.getMessage() + "): "
                + (received ? "whether the request was carried out is unknown" : "nothing was done"));
        byte[] body = codec.encode(answer.status(), WireFormat.JSON, false);
        metrics.answered(this, answer.code(), body.length);
        var headers = headers(Map.of());
        headers.put("Content-Type", List.of("application/json"));
        responder.send(answer.code(), headers, body);
    }

    /// The caller tells of the end by [#streamEnded].
    BodyStream stream(int status, Map<String, List<String>> more) {
        if (!claimed.compareAndSet(false, true)) {
            throw new IllegalStateException("answered already: " + info.path());
        }
        try {
            audit.started(status);
        } catch (AuditSink.Unavailable e) {
            sendUnrecorded(e);
            throw e;
        }
        streams.began();
        BodyStream stream = responder.stream(status, headers(more));
        streaming = true;
        stream.onClose(() -> {
            metrics.answered(this, status, -1);
            metrics.ended(this);
        });
        return stream;
    }

    /// Switches to another protocol; the caller tells of the end by [#streamEnded].
    ///
    /// @throws ApiException 400 when the client has not asked for it
    Tunnel upgrade(Map<String, List<String>> more) {
        if (!request.asksForUpgrade()) {
            throw ApiException.badRequest("Upgrade request required");
        }
        if (!claimed.compareAndSet(false, true)) {
            throw new IllegalStateException("answered already: " + info.path());
        }
        try {
            audit.started(SWITCHING);
        } catch (AuditSink.Unavailable e) {
            sendUnrecorded(e);
            throw e;
        }
        streams.began();
        Tunnel tunnel = responder.upgrade(headers(more));
        streaming = true;
        tunnel.onClose(() -> {
            metrics.answered(this, SWITCHING, -1);
            metrics.ended(this);
        });
        return tunnel;
    }

    /// Takes little room while its stream is open: keeps what metrics and the audit event of its end need.
    void rest() {
        info = metrics.shared(info);
        request = HttpRequest.FORGOTTEN;
        query = Query.NONE;
        user = NOBODY;
        flowHeaders = Map.of();
        audit.rest();
    }

    /// Records the end of the stream; returns when that is durable.
    void streamEnded(int status) {
        try {
            audit.complete(status);
        } finally {
            streams.ended();
        }
    }

    private Map<String, List<String>> headers(Map<String, List<String>> more) {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Audit-Id", List.of(audit.id()));
        headers.put("Cache-Control", List.of("no-cache, private"));
        headers.putAll(flowHeaders);
        headers.putAll(more);
        if (!warnings.isEmpty()) {
            headers.put("Warning", warningHeaders());
        }
        return headers;
    }

    private List<String> warningHeaders() {
        var lines = new ArrayList<String>();
        int total = 0;
        for (String text : new LinkedHashSet<>(warnings)) {
            String line = "299 - \"" + quoted(text) + '"';
            total += line.length();
            if (total > MAX_WARNINGS) {
                break;
            }
            lines.add(line);
        }
        return lines;
    }

    private static String quoted(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
