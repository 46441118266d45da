package io.insula.tenantapi.cel.library;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An absolute URL or absolute path, in its parts. Source: Go's `net/url`, ParseRequestURI.
///
/// @param host with the port
/// @param path as written, escaped where it must be
/// @param query without the question mark
record Url(String scheme, String host, String path, String query, String fragment) {

    private static final Pattern TEXT = Pattern.compile(
            "(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\\?([^#]*))?(?:#(.*))?", Pattern.DOTALL);
    private static final Pattern PORT = Pattern.compile(":\\d*");
    private static final Pattern ESCAPE = Pattern.compile("%(?![0-9a-fA-F]{2})");
    private static final String PLAIN = "-_.~$&+,/:;=@!'()*";

    /// @throws FunctionFailure for what is no request URI
    static Url parse(String text) {
        if (text.isEmpty()) {
            throw broken(text, "empty url");
        }
        if (text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw broken(text, "net/url: invalid control character in URL");
        }
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw broken(text, "invalid URI for request");
        }
        String scheme = group(matcher, 1);
        String path = group(matcher, 3);
        boolean absolute = path.startsWith("/") || (!scheme.isEmpty() && matcher.group(2) != null);
        if (!absolute && scheme.isEmpty()) {
            throw broken(text, "invalid URI for request");
        }
        if (ESCAPE.matcher(path).find()) {
            throw broken(text, "invalid URL escape");
        }
        String host = group(matcher, 2);
        checkHost(text, host.substring(host.lastIndexOf('@') + 1));
        return new Url(
                scheme.toLowerCase(java.util.Locale.ROOT),
                host.substring(host.lastIndexOf('@') + 1),
                path,
                group(matcher, 4),
                group(matcher, 5));
    }

    private static void checkHost(String text, String host) {
        for (int i = 0; i < host.length(); i++) {
            if (" <>\"\\^`{|}".indexOf(host.charAt(i)) >= 0) {
                throw broken(text, "invalid character \"" + host.charAt(i) + "\" in host name");
            }
        }
        int bracket = host.lastIndexOf(']');
        int colon = host.indexOf(':', Math.max(bracket, 0));
        if (host.startsWith("[") && bracket < 0) {
            throw broken(text, "missing ']' in host");
        }
        if (colon >= 0 && !PORT.matcher(host.substring(colon)).matches()) {
            throw broken(text, "invalid port \"" + host.substring(colon) + "\" after host");
        }
    }

    private static FunctionFailure broken(String text, String why) {
        return new FunctionFailure("URL parse error during conversion from string: parse \"" + text + "\": " + why);
    }

    private static String group(Matcher matcher, int index) {
        String found = matcher.group(index);
        return found == null ? "" : found;
    }

    String hostname() {
        String name = host.contains("]") ? host.substring(0, host.indexOf(']') + 1) : host;
        int colon = name.startsWith("[") ? -1 : name.indexOf(':');
        String bare = colon < 0 ? name : name.substring(0, colon);
        return bare.startsWith("[") ? bare.substring(1, bare.length() - 1) : bare;
    }

    String port() {
        int colon = host.indexOf(':', Math.max(host.lastIndexOf(']'), 0));
        return colon < 0 ? "" : host.substring(colon + 1);
    }

    String escapedPath() {
        var escaped = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            int c = b & 0xff;
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || PLAIN.indexOf(c) >= 0 || c == '%');
            escaped.append(plain ? String.valueOf((char) c) : "%%%02X".formatted(c));
        }
        return escaped.toString();
    }

    Map<String, List<String>> queryParameters() {
        var all = new LinkedHashMap<String, List<String>>();
        for (String pair : query.split("&", -1)) {
            if (pair.isEmpty() || pair.contains(";")) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            all.computeIfAbsent(name, n -> new ArrayList<>())
                    .add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
        }
        return all;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            return text;
        }
    }
}
