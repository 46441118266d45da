package io.insula.tenantapi.schema;

import com.google.re2j.Pattern;

/// Request URIs as texts. Source: Go's `net/url`, ParseRequestURI.
final class UriTexts {

    private static final Pattern SCHEME = Pattern.compile("([a-zA-Z][a-zA-Z0-9+.-]*):(.*)", Pattern.DOTALL);
    private static final String NOT_IN_HOST = " \"\\^`{|}";

    private UriTexts() {}

    /// An absolute URI, or an absolute path.
    static boolean isRequestUri(String text) {
        if (text.isEmpty() || text.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            return false;
        }
        if (text.equals("*")) {
            return true;
        }
        var scheme = SCHEME.matcher(text);
        boolean absolute = !text.startsWith("/") && scheme.matches();
        String rest = withoutQuery(absolute ? scheme.group(2) : text);
        if (!rest.startsWith("/")) {
            return absolute; // opaque, as in mailto:
        }
        if (!absolute || !rest.startsWith("//")) {
            return hasWholeEscapes(rest);
        }
        int slash = rest.indexOf('/', 2);
        String authority = rest.substring(2, slash < 0 ? rest.length() : slash);
        return isHost(authority.substring(authority.lastIndexOf('@') + 1))
                && hasWholeEscapes(authority)
                && hasWholeEscapes(slash < 0 ? "" : rest.substring(slash));
    }

    private static String withoutQuery(String text) {
        int mark = text.indexOf('?');
        return mark < 0 ? text : text.substring(0, mark);
    }

    private static boolean isHost(String host) {
        if (host.chars().anyMatch(c -> NOT_IN_HOST.indexOf(c) >= 0)) {
            return false;
        }
        int bracket = host.lastIndexOf(']');
        if (host.startsWith("[") != bracket >= 0) {
            return false;
        }
        int colon = bracket < 0 ? host.lastIndexOf(':') : bracket + 1;
        String port = colon < 0 || colon >= host.length() ? "" : host.substring(colon);
        return port.isEmpty() || (port.charAt(0) == ':' && port.chars().skip(1).allMatch(c -> c >= '0' && c <= '9'));
    }

    private static boolean hasWholeEscapes(String text) {
        for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
            if (i + 2 >= text.length()
                    || Character.digit(text.charAt(i + 1), 16) < 0
                    || Character.digit(text.charAt(i + 2), 16) < 0) {
                return false;
            }
        }
        return true;
    }
}
