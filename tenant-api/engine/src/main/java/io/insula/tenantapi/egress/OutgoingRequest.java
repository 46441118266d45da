package io.insula.tenantapi.egress;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A request to another server. Immutable; the body is not copied.
///
/// @param url absolute, `https`
/// @param headers without `Host`, `Content-Length` and those of the connection, which are set here
public record OutgoingRequest(String method, URI url, Map<String, List<String>> headers, byte[] body) {

    public OutgoingRequest {
        headers = Map.copyOf(headers);
    }

    /// Without a body.
    ///
    /// @param headers one value each
    public static OutgoingRequest get(URI url, Map<String, String> headers) {
        return of("GET", url, headers, new byte[0]);
    }

    /// @param headers one value each
    public static OutgoingRequest of(String method, URI url, Map<String, String> headers, byte[] body) {
        var all = new LinkedHashMap<String, List<String>>();
        headers.forEach((name, value) -> all.put(name, List.of(value)));
        return new OutgoingRequest(method, url, all, body);
    }

    /// Where the server may be asked once more, as nothing is done twice by that.
    boolean isSafe() {
        return method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
    }

    int port() {
        return url.getPort() < 0 ? 443 : url.getPort();
    }

    /// The URL's host without brackets.
    String host() {
        String host = url.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }
}
