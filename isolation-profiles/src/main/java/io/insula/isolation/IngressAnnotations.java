package io.insula.isolation;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which annotations of a tenant's Ingress reach the controllers of the host: what tunes the tenant's own routes and
/// can hold nothing but a number, a size or a word of a list. Everything else stays in the tenant, since controllers
/// take text from annotations into their configuration, which all tenants share. Pure.
///
/// Source: ingress-nginx documentation, "Annotations" and "Annotations Risks"; CVE-2021-25742, CVE-2023-5043,
/// CVE-2023-5044, CVE-2025-1974 (snippets, redirects and auth URLs that became configuration).
public final class IngressAnnotations {

    private static final String NGINX = "nginx.ingress.kubernetes.io/";
    private static final Pattern FLAG = Pattern.compile("true|false");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,6}");
    private static final Pattern SIZE = Pattern.compile("[0-9]{1,6}[kKmMgG]?");

    private static final SortedMap<String, Pattern> ALLOWED = allowed();

    private IngressAnnotations() {}

    /// Keys that may be on the host, sorted.
    public static Set<String> keys() {
        return ALLOWED.keySet();
    }

    /// Of these those that go down.
    public static Map<String, String> onHost(@Nullable Map<String, String> annotations) {
        var kept = new LinkedHashMap<String, String>();
        if (annotations != null) {
            annotations.forEach((key, value) -> {
                if (isAllowed(key, value)) {
                    kept.put(key, value);
                }
            });
        }
        return kept;
    }

    /// Whether the key may be on the host, and its value means what the key is allowed for.
    public static boolean isAllowed(String key, @Nullable String value) {
        var values = ALLOWED.get(key);
        return values != null && value != null && values.matcher(value).matches();
    }

    private static SortedMap<String, Pattern> allowed() {
        var all = new TreeMap<String, Pattern>();
        add(
                all,
                FLAG,
                Set.of(
                        "enable-cors",
                        "force-ssl-redirect",
                        "preserve-trailing-slash",
                        "service-upstream",
                        "ssl-redirect",
                        "use-regex"));
        add(
                all,
                NUMBER,
                Set.of(
                        "limit-connections",
                        "limit-rpm",
                        "limit-rps",
                        "proxy-buffers-number",
                        "proxy-connect-timeout",
                        "proxy-next-upstream-tries",
                        "proxy-read-timeout",
                        "proxy-send-timeout",
                        "session-cookie-expires",
                        "session-cookie-max-age"));
        add(all, SIZE, Set.of("client-body-buffer-size", "proxy-body-size", "proxy-buffer-size"));
        all.put(NGINX + "affinity", Pattern.compile("cookie"));
        all.put(NGINX + "affinity-mode", Pattern.compile("balanced|persistent"));
        all.put(NGINX + "backend-protocol", Pattern.compile("HTTP|HTTPS|GRPC|GRPCS|AUTO_HTTP"));
        all.put(NGINX + "proxy-buffering", Pattern.compile("on|off"));
        all.put(NGINX + "proxy-http-version", Pattern.compile("1\\.[01]"));
        all.put(NGINX + "proxy-request-buffering", Pattern.compile("on|off"));
        return all;
    }

    private static void add(Map<String, Pattern> all, Pattern values, Collection<String> names) {
        names.forEach(name -> all.put(NGINX + name, values));
    }
}
