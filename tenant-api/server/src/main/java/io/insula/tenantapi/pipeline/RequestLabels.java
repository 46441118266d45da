package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.KindSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/// What a request is counted under: values come from what is served, never from what a client makes up. Immutable.
/// Names and labels as in kubernetes/apiserver, `endpoints/metrics`.
record RequestLabels(String group, String version, String resource, String subresource, String scope) {

    private static final String COMPONENT = "apiserver";
    private static final Set<String> PATHS = Set.of("/healthz", "/livez", "/readyz", "/version", "/metrics");
    private static final Set<String> METHODS = Set.of("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS");

    /// The names of a metric's labels: others first, then these and `component`.
    static String[] names(String... before) {
        return joined(before, "group", "version", "resource", "subresource", "scope", "component");
    }

    /// Their values, in the same order.
    String[] values(String... before) {
        return joined(before, group, version, resource, subresource, scope, COMPONENT);
    }

    /// With one label more at the end: a name after names, a value after values.
    static String[] and(String[] labels, String last) {
        return joined(labels, last);
    }

    private static String[] joined(String[] before, String... after) {
        String[] all = Arrays.copyOf(before, before.length + after.length);
        System.arraycopy(after, 0, all, before.length, after.length);
        return all;
    }

    static RequestLabels of(RequestInfo info, KindRegistry kinds) {
        if (!info.isResource()) {
            return new RequestLabels("", "", "", PATHS.contains(info.path()) ? info.path() : "", "");
        }
        var kind = kinds.find(info.gvr());
        if (kind.isEmpty()) {
            return new RequestLabels("", "", "", "", "");
        }
        String subresource =
                info.isLongRunning() || isKnown(kind.get().spec(), info.subresource()) ? info.subresource() : "";
        return new RequestLabels(info.group(), info.version(), info.resource(), subresource, scope(info));
    }

    private static boolean isKnown(KindSpec spec, String subresource) {
        return spec.findSubresource(subresource).isPresent();
    }

    private static String scope(RequestInfo info) {
        if (!info.name().isEmpty() || info.verb().equals("create")) {
            return "resource";
        }
        return info.namespace().isEmpty() ? "cluster" : "namespace";
    }

    static String verb(Exchange exchange) {
        RequestInfo info = exchange.info();
        if (!info.isResource()) {
            String method = exchange.request().method();
            return METHODS.contains(method) ? method : "other";
        }
        return switch (info.verb()) {
            case "get", "list", "watch", "deletecollection", "delete" ->
                info.verb().toUpperCase(Locale.ROOT);
            case "create" -> "POST";
            case "update" -> "PUT";
            case "patch" ->
                exchange.request().header("content-type").orElse("").startsWith("application/apply-patch")
                        ? "APPLY"
                        : "PATCH";
            default -> "other";
        };
    }
}
