package io.insula.tenantapi.http;

import io.insula.tenantapi.http.HttpResponder.BodyStream;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.PlainAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Sends a client's request on to a server that knows nothing of this one, and its answer back. Credentials, and who
/// the client is, stay here. Stateless.
///
/// Source: kubernetes/apimachinery, `pkg/util/proxy/upgradeaware.go` and `transport.go`.
public final class Proxies {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(60);
    /// With a client that reads nothing for a while, as people do who follow a log.
    public static final Duration PATIENCE = Duration.ofDays(1);

    private static final Set<String> NOT_RETURNED = Set.of(
            "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "date");

    private Proxies() {}

    /// @param target path and query for the server behind
    /// @param location what a redirect's `Location`, or a page's link, is for the client
    /// @throws IOException when the server behind cannot be asked; the client has no answer yet then
    public static void pass(
            HttpRequest request, HttpResponder responder, Dial.Peer peer, String target, UnaryOperator<String> location)
            throws IOException {
        if (request.asksForUpgrade()) {
            Upgrades.pass(request, responder, peer, request.method(), target);
            return;
        }
        Dial.Request asked = new Dial.Request(request.method(), target, passed(request), request.body());
        try (PlainAnswer answer = Dial.send(peer, asked, ANSWER_WITHIN)) {
            answer(request, answer, location, responder);
        }
    }

    /// Gives the client a server's answer.
    ///
    /// @param location as for [#pass]
    public static void answer(
            HttpRequest request, PlainAnswer answer, UnaryOperator<String> location, HttpResponder responder) {
        Map<String, List<String>> headers = returned(answer, location);
        boolean bodyless = request.method().equals("HEAD") || answer.status() == 204 || answer.status() == 304;
        if (bodyless) {
            responder.send(answer.status(), headers, new byte[0]);
            return;
        }
        headers.remove("Content-Length");
        InputStream body = isPage(headers) ? new HtmlLinks(answer.body(), location) : answer.body();
        BodyStream stream = responder.stream(answer.status(), headers);
        stream.onClose(answer::close);
        Bodies.copy(body, stream, PATIENCE);
    }

    /// One in HTML that is not compressed: what a server behind hears of a client asks for no other.
    private static boolean isPage(Map<String, List<String>> headers) {
        return headers.getOrDefault("Content-Type", List.of()).stream()
                        .anyMatch(type -> type.toLowerCase(Locale.ROOT).startsWith("text/html"))
                && !headers.containsKey("Content-Encoding");
    }

    /// What a server behind hears of a client.
    public static Map<String, List<String>> passed(HttpRequest request) {
        Set<String> named = PassedHeaders.named(request.headers("connection"));
        var headers = new LinkedHashMap<String, List<String>>();
        request.headers().forEach((name, values) -> {
            boolean ours = name.startsWith("x-remote-")
                    || name.startsWith("impersonate-")
                    || name.startsWith("x-forwarded-")
                    || name.equals("authorization")
                    || name.equals("accept-encoding")
                    || name.equals("audit-id");
            if (!PassedHeaders.OF_ONE_CONNECTION.contains(name)
                    && !named.contains(name)
                    && !ours
                    && !name.startsWith(":")) {
                headers.put(name, values);
            }
        });
        return headers;
    }

    private static Map<String, List<String>> returned(PlainAnswer answer, UnaryOperator<String> location) {
        var headers = new LinkedHashMap<String, List<String>>();
        answer.headers().forEach((name, values) -> {
            if (!NOT_RETURNED.contains(name)) {
                headers.put(PassedHeaders.capitals(name), values);
            }
        });
        headers.computeIfPresent(
                "Location", (_, values) -> values.stream().map(location).toList());
        return headers;
    }
}
