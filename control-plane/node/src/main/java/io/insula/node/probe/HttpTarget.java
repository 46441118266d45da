package io.insula.node.probe;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HTTPHeader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// What a request by HTTP is to ask for. Immutable.
///
/// Source: kubernetes, `pkg/probe/http/request.go`.
///
/// @param path with its query, fit for a request's first line
/// @param headers all of them, `Host` too
public record HttpTarget(boolean tls, String host, int port, String path, List<Header> headers) {

    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7e\\x80-\\xff]*");
    /// They are the connection's; Go's client, which upstream uses, leaves them out too.
    private static final Set<String> NOT_THEIRS =
            Set.of("connection", "content-length", "transfer-encoding", "trailer", "host");

    public HttpTarget {
        headers = List.copyOf(headers);
    }

    public record Header(String name, String value) {}

    /// @param address the pod's, where the action names no host
    /// @param agent what we are, where the action does not say
    /// @throws IOException for a port or a header that can be none
    public static HttpTarget of(HTTPGetAction action, Container container, String address, String agent)
            throws IOException {
        boolean tls = "https".equals(String.valueOf(action.getScheme()).toLowerCase(Locale.ROOT));
        String host = action.getHost() == null || action.getHost().isEmpty() ? address : action.getHost();
        int port = Ports.of(container, action.getPort());
        String path = action.getPath() == null ? "" : action.getPath();
        return new HttpTarget(
                tls, host, port, escaped(path.startsWith("/") ? path : "/" + path), headers(action, host, port, agent));
    }

    private static List<Header> headers(HTTPGetAction action, String host, int port, String agent) throws IOException {
        var headers = new ArrayList<Header>();
        String named = authority(host, port);
        for (HTTPHeader header : action.getHttpHeaders()) {
            String value = header.getValue() == null ? "" : header.getValue();
            if (!TOKEN.matcher(header.getName()).matches()) {
                throw new IOException("net/http: invalid header field name \"" + header.getName() + "\"");
            }
            if (!VALUE.matcher(value).matches()) {
                throw new IOException("net/http: invalid header field value for \"" + header.getName() + "\"");
            }
            if (header.getName().equalsIgnoreCase("Host")) {
                named = value;
            }
            if (!NOT_THEIRS.contains(header.getName().toLowerCase(Locale.ROOT))) {
                headers.add(new Header(header.getName(), value));
            }
        }
        or(headers, "User-Agent", agent);
        or(headers, "Accept", "*/*");
        headers.add(new Header("Host", named));
        headers.add(new Header("Connection", "close"));
        return headers;
    }

    /// One that was said to be empty is not sent.
    private static void or(List<Header> headers, String name, String otherwise) {
        if (headers.stream().noneMatch(header -> header.name().equalsIgnoreCase(name))) {
            headers.add(new Header(name, otherwise));
        }
        headers.removeIf(
                header -> header.name().equalsIgnoreCase(name) && header.value().isEmpty());
    }

    private static String escaped(String path) {
        int fragment = path.indexOf('#');
        var safe = new StringBuilder();
        for (byte each : (fragment < 0 ? path : path.substring(0, fragment)).getBytes(StandardCharsets.UTF_8)) {
            if (each > ' ' && each < 0x7f) {
                safe.append((char) each);
            } else {
                safe.append("%%%02X".formatted(each));
            }
        }
        return safe.toString();
    }

    /// Where a redirect leads.
    HttpTarget redirected(URI to) {
        String path = to.getRawPath() == null || to.getRawPath().isEmpty() ? "/" : to.getRawPath();
        boolean secure = "https".equalsIgnoreCase(to.getScheme());
        int next = to.getPort() >= 0 ? to.getPort() : secure ? 443 : 80;
        var same = new ArrayList<>(
                headers.stream().filter(h -> !h.name().equals("Host")).toList());
        same.add(new Header("Host", authority(host, next)));
        return new HttpTarget(
                secure, host, next, escaped(path + (to.getRawQuery() == null ? "" : "?" + to.getRawQuery())), same);
    }

    /// The same without encryption, and so without what opens doors.
    public HttpTarget plain() {
        return new HttpTarget(
                false,
                host,
                port,
                path,
                headers.stream()
                        .filter(header -> !header.name().equalsIgnoreCase("Authorization"))
                        .toList());
    }

    private static String authority(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    String url() {
        return (tls ? "https://" : "http://") + authority(host, port) + path;
    }

    /// Host and port.
    public String address() {
        return authority(host, port);
    }
}
