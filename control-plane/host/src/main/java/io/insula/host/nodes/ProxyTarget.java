package io.insula.host.nodes;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.HttpRequest;
import java.util.Arrays;
import java.util.Optional;

/// What the URL of a proxy names: `[scheme:]name[:port]` and the path behind it. Pure.
///
/// Source: kubernetes/apimachinery, `pkg/util/net/port_split.go` (SplitSchemeNamePort).
///
/// @param scheme `http`, `https` or empty
/// @param port a number, for Services also a port's name; empty where none is named
/// @param path with its slash, as it came, still encoded
public record ProxyTarget(String scheme, String name, String port, String path) {

    private static final int SEGMENTS_BEFORE_PATH = 8;

    /// @param name the object's name in the URL
    /// @param requestPath of the whole request: `/api/v1/namespaces/NAMESPACE/RESOURCE/NAME/proxy/…`
    /// @throws ApiException 400 for what is no such name, or a path that leads elsewhere
    public static ProxyTarget of(String name, String requestPath) {
        String[] parts = name.split(":", -1);
        boolean known = switch (parts.length) {
            case 1, 2 -> true;
            case 3 -> parts[0].isEmpty() || parts[0].equals("http") || parts[0].equals("https");
            default -> false;
        };
        String object = parts.length == 3 ? parts[1] : parts[0];
        if (!known || object.isEmpty()) {
            throw ApiException.badRequest("invalid proxy target \"" + name + "\" (expected: [scheme:]name[:port])");
        }
        return new ProxyTarget(
                parts.length == 3 ? parts[0] : "",
                object,
                parts.length == 1 ? "" : parts[parts.length - 1],
                path(requestPath));
    }

    private static String path(String requestPath) {
        String[] segments = requestPath.split("/", SEGMENTS_BEFORE_PATH + 1);
        String path = segments.length > SEGMENTS_BEFORE_PATH ? "/" + segments[SEGMENTS_BEFORE_PATH] : "/";
        boolean leadsElsewhere = Arrays.stream(path.split("/", -1))
                .map(segment -> segment.replaceAll("(?i)%2e", "."))
                .anyMatch(segment -> segment.equals(".") || segment.equals(".."));
        if (leadsElsewhere) {
            throw ApiException.badRequest("the request's path may not contain '.' or '..'");
        }
        return path;
    }

    /// What of the request's path stands for the root of what is behind.
    public String prefix(String requestPath) {
        return path.equals("/") && !requestPath.endsWith("/")
                ? requestPath
                : requestPath.substring(0, requestPath.length() - path.length());
    }

    /// Where a browser is sent that asks for the root without its slash, as the page's relative links would
    /// lead beside it otherwise; empty for all else. Source: kubernetes/apimachinery,
    /// `pkg/util/proxy/upgradeaware.go` (proxyRedirectsforRootPath).
    public Optional<String> redirect(HttpRequest request) {
        boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
        boolean bare = path.equals("/") && !request.path().endsWith("/");
        return reads && bare && !request.asksForUpgrade()
                ? Optional.of(request.path() + "/" + (request.query().isEmpty() ? "" : "?" + request.query()))
                : Optional.empty();
    }

    /// The same about another object, as the URL has it.
    public String named(String other) {
        if (!scheme.isEmpty()) {
            return scheme + ":" + other + ":" + port;
        }
        return port.isEmpty() ? other : other + ":" + port;
    }
}
