package io.insula.tenantapi.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// From Netty's request to ours.
final class Requests {

    private static final String WEBSOCKET_VERSION = "13";

    /// The method of what is no request.
    private static final String UNKNOWN = "UNKNOWN";

    private Requests() {}

    /// Why a request is not answered at all.
    record Fault(HttpResponseStatus status, String message) {}

    /// What is wrong with a head, beyond what the decoder sees; empty where nothing is.
    static Optional<Fault> fault(io.netty.handler.codec.http.HttpRequest request, boolean http2) {
        HttpHeaders headers = request.headers();
        if (!http2) {
            int hosts = headers.getAll(HttpHeaderNames.HOST).size();
            if (hosts > 1) {
                return bad("too many Host headers");
            }
            if (hosts == 0 && request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
                return bad("missing required Host header");
            }
            List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
            if (!codings.isEmpty() && !request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
                return bad("unexpected Transfer-Encoding");
            }
            if (codings.size() > 1
                    || (codings.size() == 1 && !codings.getFirst().equalsIgnoreCase("chunked"))) {
                return Optional.of(new Fault(HttpResponseStatus.NOT_IMPLEMENTED, "Unsupported transfer encoding"));
            }
        }
        String target = target(request.uri());
        if (!target.startsWith("/") && !(target.equals("*") && request.method().equals(HttpMethod.OPTIONS))) {
            return bad("malformed request target");
        }
        if (asksForWebSocket(request, http2)
                && !(headers.contains(HttpHeaderNames.SEC_WEBSOCKET_KEY)
                        && WEBSOCKET_VERSION.equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION)))) {
            return bad("WebSocket handshake of an unknown version");
        }
        return Optional.empty();
    }

    /// What is known of a request that is refused.
    ///
    /// @param head null where none could be read
    static HttpRequest unread(
            io.netty.handler.codec.http.@Nullable HttpRequest head, Connection connection, boolean http2) {
        if (head != null) {
            return read(head, new byte[0], connection, http2);
        }
        return new HttpRequest(
                UNKNOWN,
                "",
                "",
                Map.of(),
                new byte[0],
                connection.remoteAddress(),
                connection.clientCertificates(),
                connection.proxyCertificates(),
                false);
    }

    static HttpRequest read(
            io.netty.handler.codec.http.HttpRequest request, byte[] body, Connection connection, boolean http2) {
        String target = target(request.uri());
        int mark = target.indexOf('?');
        return new HttpRequest(
                request.method().name(),
                mark < 0 ? target : target.substring(0, mark),
                mark < 0 ? "" : target.substring(mark + 1),
                headers(request.headers(), http2),
                body,
                connection.remoteAddress(),
                connection.clientCertificates(),
                connection.proxyCertificates(),
                asksForWebSocket(request, http2));
    }

    private static Optional<Fault> bad(String message) {
        return Optional.of(new Fault(HttpResponseStatus.BAD_REQUEST, "400 Bad Request: " + message));
    }

    /// Strips scheme and host of the absolute form, which proxies send.
    private static String target(String uri) {
        int scheme = uri.indexOf("://");
        if (uri.startsWith("/") || scheme <= 0) {
            return uri;
        }
        int slash = uri.indexOf('/', scheme + 3);
        return slash < 0 ? "/" : uri.substring(slash);
    }

    private static Map<String, List<String>> headers(HttpHeaders headers, boolean http2) {
        var all = new LinkedHashMap<String, List<String>>();
        for (var entry : headers) {
            String name = entry.getKey().toLowerCase(Locale.ROOT);
            // what the h2 codec adds for its own use; and h2 knows no upgrades
            if (!name.startsWith("x-http2-") && !(http2 && name.equals("upgrade"))) {
                all.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(entry.getValue());
            }
        }
        return all;
    }

    private static boolean asksForWebSocket(io.netty.handler.codec.http.HttpRequest request, boolean http2) {
        HttpHeaders headers = request.headers();
        return !http2
                && request.method().equals(HttpMethod.GET)
                && headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
                && headers.containsValue(HttpHeaderNames.UPGRADE, HttpHeaderValues.WEBSOCKET, true);
    }
}
