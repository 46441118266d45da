package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.audit.AuditTrail;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.HttpResponder.BodyStream;
import io.insula.tenantapi.wire.Negotiation;
import io.insula.tenantapi.wire.WireCodec;
import io.insula.tenantapi.wire.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// One request and its answer. Every answer leaves through here, so that it carries the common headers and its audit
/// event is recorded first. Confined to the request's thread until an answer streams.
final class Exchange {

    /// All warnings of an answer together, in bytes. Source: kubernetes/apiserver, `filters/warning.go`.
    private static final int MAX_WARNINGS = 4096;

    private static final Pattern BROWSER = Pattern.compile("(?i)^(curl|wget|mozilla)");

    private final HttpRequest request;
    private final HttpResponder responder;
    private final Query query;
    private final RequestInfo info;
    private final AuditTrail audit;
    private final WireCodec codec;
    private final List<String> warnings = new ArrayList<>();
    private UserInfo user = new UserInfo("", "", List.of(), Map.of());
    private boolean answered;

    Exchange(
            HttpRequest request,
            HttpResponder responder,
            Query query,
            RequestInfo info,
            AuditTrail audit,
            WireCodec codec) {
        this.request = request;
        this.responder = responder;
        this.query = query;
        this.info = info;
        this.audit = audit;
        this.codec = codec;
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
        return answered;
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
        send(status, choice.contentType(), body, Map.of());
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
        answered = true;
        audit.complete(status);
        var headers = headers(more);
        if (!contentType.isEmpty()) {
            headers.put("Content-Type", List.of(contentType));
        }
        responder.send(status, headers, body);
    }

    /// The caller records the end of the stream.
    BodyStream stream(int status, Map<String, List<String>> more) {
        answered = true;
        audit.started(status);
        return responder.stream(status, headers(more));
    }

    private Map<String, List<String>> headers(Map<String, List<String>> more) {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Audit-Id", List.of(audit.id()));
        headers.put("Cache-Control", List.of("no-cache, private"));
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
