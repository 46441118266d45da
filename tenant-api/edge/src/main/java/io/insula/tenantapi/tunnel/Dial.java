package io.insula.tenantapi.tunnel;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// Asks a server behind to speak another protocol, or for what comes for as long as it wants. Stateless. Source: RFC
/// 9110, section 7.8; RFC 9112.
public final class Dial {

    private static final Duration CONNECT = Duration.ofSeconds(10);

    private Dial() {}

    /// Whom to dial.
    ///
    /// @param host name or address; the server's certificate must be for it
    /// @param tls none for a plain connection
    public record Peer(String host, int port, Optional<SSLContext> tls) {

        String authority() {
            return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /// What the server said.
    public sealed interface Answer {

        /// @param headers of its 101, by lower-case name
        record Upgraded(Map<String, List<String>> headers, Tunnel tunnel) implements Answer {}

        /// @param body as far as it is short
        record Refused(int status, Map<String, List<String>> headers, byte[] body) implements Answer {}
    }

    /// Blocks until the server has answered.
    ///
    /// @param target path and query, as they go on the wire
    /// @param headers beside `Host` and `Content-Length`; `Connection` and `Upgrade` are the caller's
    /// @param patience for the answer
    /// @throws IOException when the server cannot be reached, is not who it should be, or does not speak HTTP/1.1
    /// @throws IllegalArgumentException when target or headers would not stay one line each
    public static Answer upgrade(
            Peer peer, String method, String target, Map<String, List<String>> headers, Duration patience)
            throws IOException {
        Asked asked = ask(peer, method, target, headers, new byte[0], patience);
        try {
            if (asked.answer().status() == 101) {
                return new Answer.Upgraded(
                        asked.answer().headers(), new SocketTunnel(asked.wire(), asked.socket(), asked.in()));
            }
            asked.wire().setSoTimeout((int) patience.toMillis());
            byte[] body = asked.answer().body(asked.in());
            asked.wire().close();
            return new Answer.Refused(asked.answer().status(), asked.answer().headers(), body);
        } catch (IOException | RuntimeException e) {
            asked.wire().close();
            throw e;
        }
    }

    /// What is asked of a server.
    ///
    /// @param target path and query, as they go on the wire
    /// @param headers beside `Host`, `Connection` and `Content-Length`
    public record Request(String method, String target, Map<String, List<String>> headers, byte[] body) {

        public static Request get(String target) {
            return new Request("GET", target, Map.of(), new byte[0]);
        }
    }

    /// Asks for something, which is read for as long as it comes.
    ///
    /// @param patience for the beginning of the answer; the body may take its time
    /// @throws IOException as for [#upgrade]
    public static PlainAnswer send(Peer peer, Request request, Duration patience) throws IOException {
        var all = new LinkedHashMap<>(request.headers());
        all.put("Connection", List.of("close"));
        Asked asked = ask(peer, request.method(), request.target(), all, request.body(), patience);
        return new PlainAnswer(
                asked.answer().status(),
                asked.answer().headers(),
                AnswerBody.of(asked.answer(), asked.in()),
                asked.wire());
    }

    /// A server that has begun to answer.
    private record Asked(Socket wire, Socket socket, BufferedInputStream in, ResponseHead answer) {}

    private static Asked ask(
            Peer peer, String method, String target, Map<String, List<String>> headers, byte[] body, Duration patience)
            throws IOException {
        byte[] head = head(peer, method, target, headers, body.length);
        var wire = new Socket();
        try {
            wire.connect(new InetSocketAddress(peer.host(), peer.port()), (int) CONNECT.toMillis());
            wire.setTcpNoDelay(true);
            wire.setKeepAlive(true);
            wire.setSoTimeout((int) patience.toMillis());
            Socket socket = peer.tls().isPresent() ? secured(peer, peer.tls().get(), wire) : wire;
            socket.getOutputStream().write(head);
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            var in = new BufferedInputStream(socket.getInputStream());
            ResponseHead answer = ResponseHead.read(in);
            wire.setSoTimeout(0);
            return new Asked(wire, socket, in, answer);
        } catch (IOException | RuntimeException e) {
            wire.close();
            throw e;
        }
    }

    private static SSLSocket secured(Peer peer, SSLContext tls, Socket wire) throws IOException {
        var socket = (SSLSocket) tls.getSocketFactory().createSocket(wire, peer.host(), peer.port(), true);
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        // an upgrade needs HTTP/1.1
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static byte[] head(
            Peer peer, String method, String target, Map<String, List<String>> headers, int bodyBytes) {
        var text = new StringBuilder();
        line(text, method + " " + target + " HTTP/1.1");
        line(text, "Host: " + peer.authority());
        headers.forEach((name, values) -> values.forEach(value -> line(text, name + ": " + value)));
        if (bodyBytes > 0 || !(method.equals("GET") || method.equals("HEAD"))) {
            line(text, "Content-Length: " + bodyBytes);
        }
        line(text, "");
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void line(StringBuilder text, String line) {
        if (line.chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
            throw new IllegalArgumentException("a line end within a request's line or header");
        }
        text.append(line).append("\r\n");
    }
}
