package io.insula.host.nodes;

import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.Tunnel;
import io.insula.tenantapi.tunnel.Tunnels;
import io.insula.tenantapi.tunnel.WebSocketMessages;
import io.insula.tenantapi.tunnel.WebSocketTunnel;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The WebSocket protocols of kubectl 1.30 and later, which nodes do not speak, put into SPDY, which they do:
/// `v5.channel.k8s.io` for exec and attach, and SPDY itself in WebSocket messages for port-forward. Older ones
/// are left to the node. Stateless.
///
/// Source: kubernetes/enhancements, KEP-4006; kubernetes/apimachinery, `pkg/util/remotecommand/constants.go`.
final class WebSocketStreams {

    private static final String COMMANDS = "v5.channel.k8s.io";
    private static final String PORTS = "SPDY/3.1+portforward.k8s.io";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private WebSocketStreams() {}

    /// Whether the client asks for one of them.
    static boolean isFor(HttpRequest request) {
        return request.webSocket() && (offers(request, COMMANDS) || offers(request, PORTS));
    }

    private static boolean offers(HttpRequest request, String protocol) {
        return request.headers("sec-websocket-protocol").stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .anyMatch(offered -> offered.strip().equals(protocol));
    }

    /// Returns when the connection has ended.
    ///
    /// @param wanted which streams, for exec and attach
    /// @throws IOException when the node cannot be asked; the client has no answer yet then
    static void pass(
            HttpRequest request, HttpResponder responder, Dial.Peer node, String target, RemoteStreams.Wanted wanted)
            throws IOException {
        boolean ports = offers(request, PORTS);
        var headers = new LinkedHashMap<String, List<String>>();
        headers.put("Connection", List.of("Upgrade"));
        headers.put("Upgrade", List.of("SPDY/3.1"));
        headers.put("X-Stream-Protocol-Version", List.of(ports ? "portforward.k8s.io" : "v4.channel.k8s.io"));
        switch (Dial.upgrade(node, "POST", target, headers, PATIENCE)) {
            case Dial.Answer.Refused(int status, var said, byte[] body) ->
                responder.send(
                        status,
                        Map.of("Content-Type", said.getOrDefault("content-type", List.of("text/plain; charset=utf-8"))),
                        body);
            case Dial.Answer.Upgraded(var _, Tunnel server) -> {
                try (server) {
                    String key = request.header("sec-websocket-key").orElse("");
                    Tunnel client = responder.upgrade(WebSocketMessages.agreement(key, ports ? PORTS : COMMANDS));
                    if (ports) {
                        Tunnels.join(new WebSocketTunnel(client), server);
                    } else {
                        RemoteStreams.join(client, server, wanted);
                    }
                }
            }
        }
    }
}
