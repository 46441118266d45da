package io.insula.tenantapi.http;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Which headers may go on from one connection to the next. Stateless.
public final class PassedHeaders {

    /// Of one connection only, or set anew on each side: what no request is passed on with. Source: RFC 9110, section
    /// 7.6.1.
    public static final Set<String> OF_ONE_CONNECTION = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "expect",
            "content-length",
            "http2-settings");

    private PassedHeaders() {}

    /// Those besides that `Connection` names as being of this one only, by lower-case name.
    ///
    /// @param connection values of that header
    public static Set<String> named(List<String> connection) {
        return connection.stream()
                .flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /// `content-type` as `Content-Type`: ours are compared as they stand.
    public static String capitals(String name) {
        var text = new StringBuilder(name.length());
        boolean start = true;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            text.append(start ? Character.toUpperCase(c) : c);
            start = c == '-';
        }
        return text.toString();
    }
}
