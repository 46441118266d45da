package io.insula.tenantapi.http;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// One request as received.
///
/// @param path the path before decoding, without the query: `/api/v1/namespaces/default/pods`
/// @param query the raw query without `?`; empty where there is none
/// @param headers by lower-case name, in order of arrival
/// @param body empty where there is none; never longer than the server's limit
/// @param remoteAddress the peer's IP address
/// @param clientCertificates the peer's verified chain, leaf first; empty where it showed none
/// @param proxyCertificates the peer's chain where it has been verified as a front proxy's; empty where it is none
/// @param webSocket whether the client asks to upgrade to a WebSocket: then each write to
///     [HttpResponder#stream] is one message
public record HttpRequest(
        String method,
        String path,
        String query,
        Map<String, List<String>> headers,
        byte[] body,
        String remoteAddress,
        List<X509Certificate> clientCertificates,
        List<X509Certificate> proxyCertificates,
        boolean webSocket) {

    /// Of a peer that is no front proxy.
    public HttpRequest(
            String method,
            String path,
            String query,
            Map<String, List<String>> headers,
            byte[] body,
            String remoteAddress,
            List<X509Certificate> clientCertificates,
            boolean webSocket) {
        this(method, path, query, headers, body, remoteAddress, clientCertificates, List.of(), webSocket);
    }

    /// The first value of a header, by any case of its name.
    public Optional<String> header(String name) {
        List<String> values = headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
        return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
    }

    private static final byte[] NO_BYTES = {};

    /// In the place of one that nobody needs any more, as its stream has begun and may go on for hours.
    public static final HttpRequest FORGOTTEN =
            new HttpRequest("GET", "", "", Map.of(), NO_BYTES, "", List.of(), false);

    /// Whether the client asks to speak another protocol on this connection; never in h2, which knows no upgrades.
    public boolean asksForUpgrade() {
        return header("upgrade").isPresent()
                && headers("connection").stream()
                        .flatMap(value -> Stream.of(value.split(",", -1)))
                        .anyMatch(token -> token.strip().equalsIgnoreCase("upgrade"));
    }

    /// Whether the client takes gzip.
    public boolean acceptsGzip() {
        return Gzip.isAccepted(this);
    }

    /// All values of a header, by any case of its name.
    public List<String> headers(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }
}
