package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.STRING;
import static io.insula.tenantapi.cel.library.CelObjects.URL;

import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;

/// URLs. Source: kubernetes/apiserver, `pkg/cel/library/urls.go`.
final class UrlLibrary {

    private UrlLibrary() {}

    static CelFunctions functions() {
        return new CelFunctions()
                .global("url", "string_to_url", URL, a -> Url.parse((String) a[0]), STRING)
                .global("isURL", "is_url_string", BOOL, a -> isUrl((String) a[0]), STRING)
                .member("getScheme", "url_get_scheme", STRING, a -> url(a).scheme(), URL)
                .member("getHost", "url_get_host", STRING, a -> url(a).host(), URL)
                .member("getHostname", "url_get_hostname", STRING, a -> url(a).hostname(), URL)
                .member("getPort", "url_get_port", STRING, a -> url(a).port(), URL)
                .member("getEscapedPath", "url_get_escaped_path", STRING, a -> url(a).escapedPath(), URL)
                .member(
                        "getQuery",
                        "url_get_query",
                        MapType.create(STRING, ListType.create(STRING)),
                        a -> url(a).queryParameters(),
                        URL);
    }

    private static boolean isUrl(String text) {
        try {
            Url.parse(text);
            return true;
        } catch (FunctionFailure _) {
            return false;
        }
    }

    private static Url url(Object[] arguments) {
        return (Url) arguments[0];
    }
}
