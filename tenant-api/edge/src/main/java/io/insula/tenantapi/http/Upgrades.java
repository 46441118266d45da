package io.insula.tenantapi.http;

import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.Tunnel;
import io.insula.tenantapi.tunnel.Tunnels;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Passes a client's wish for another protocol on to a server behind. Stateless.
public final class Upgrades {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String SHORT_NAME_START = "sec-websocket-";

    private Upgrades() {}

    /// Asks the server behind in the client's words, and joins both if it agrees; then it returns when the connection
    /// has ended. Where the server does not agree its answer is the client's.
    ///
    /// @param method as the server behind wants it
    /// @throws IOException when the server behind cannot be asked; the client has no answer yet then
    public static void pass(HttpRequest request, HttpResponder responder, Dial.Peer peer, String method, String target)
            throws IOException {
        switch (ask(request, peer, method, target, Map.of())) {
            case Dial.Answer.Refused(int status, var said, byte[] body) ->
                responder.send(status, Map.of("Content-Type", type(said)), body);
            case Dial.Answer.Upgraded upgraded -> join(responder, upgraded);
        }
    }

    /// Asks the server behind in the client's words.
    ///
    /// @param more headers for the server behind: who asks
    /// @throws IOException when the server behind cannot be asked
    public static Dial.Answer ask(
            HttpRequest request, Dial.Peer peer, String method, String target, Map<String, List<String>> more)
            throws IOException {
        var headers = asked(request);
        headers.putAll(more);
        return Dial.upgrade(peer, method, target, headers, PATIENCE);
    }

    /// Gives the client the server's agreement and joins both; returns when the connection has ended.
    public static void join(HttpResponder responder, Dial.Answer.Upgraded upgraded) {
        try (Tunnel server = upgraded.tunnel()) {
            Tunnels.join(responder.upgrade(answered(upgraded.headers())), server);
        }
    }

    /// What a client says of the protocol it wants, and nothing else of what it sent: by a name that goes on the wire.
    static Map<String, List<String>> asked(HttpRequest request) {
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Connection", List.of("Upgrade"));
        headers.put("Upgrade", request.headers("upgrade"));
        request.headers().forEach((name, values) -> {
            if (name.startsWith(SHORT_NAME_START) || name.equals("x-stream-protocol-version")) {
                headers.put(name, values);
            } else if (name.equals("user-agent") || name.equals("accept")) {
                headers.put(name, values);
            }
        });
        return headers;
    }

    private static Map<String, List<String>> answered(Map<String, List<String>> said) {
        var headers = new LinkedHashMap<String, List<String>>();
        said.forEach((name, values) -> {
            if (name.startsWith(SHORT_NAME_START) || name.equals("x-stream-protocol-version")) {
                headers.put(name, values);
            }
        });
        headers.put("Upgrade", said.getOrDefault("upgrade", List.of()));
        headers.put("Connection", List.of("Upgrade"));
        return headers;
    }

    private static List<String> type(Map<String, List<String>> said) {
        return said.getOrDefault("content-type", List.of("text/plain; charset=utf-8"));
    }
}
