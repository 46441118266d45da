package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.flowcontrol.FlowRequest;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.selector.FieldSelector;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What a request asks for, read from its method, path and query alone.
/// Source: kubernetes/apiserver, `endpoints/request/requestinfo.go`.
///
/// @param verb get, list, watch, create, update, patch, delete, deletecollection; the lower-case method for others
/// @param path the URL path
/// @param rest path segments behind the subresource (proxies)
/// @param selected the values that fields of listed or watched objects must have
public record RequestInfo(
        boolean isResource,
        String path,
        String verb,
        String group,
        String version,
        String namespace,
        String resource,
        String subresource,
        String name,
        List<String> rest,
        Map<String, String> selected) {

    private static final Map<String, String> VERBS = Map.of(
            "POST", "create", "GET", "get", "HEAD", "get", "PUT", "update", "PATCH", "patch", "DELETE", "delete");
    private static final Set<String> KUBERNETES = Set.of(
            "get", "head", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "impersonate");
    private static final String NAMESPACES = "namespaces";
    private static final Set<String> NAMESPACE_SUBRESOURCES = Set.of("status", "finalize");
    private static final Set<String> SELECTING = Set.of("list", "watch");
    private static final Set<String> READS = Set.of("get", "list", "watch", "head", "options");

    /// Source: kubernetes/kubernetes, `BasicLongRunningRequestCheck`.
    private static final Set<String> LONG_RUNNING = Set.of("attach", "exec", "proxy", "log", "portforward");

    public RequestInfo {
        rest = List.copyOf(rest);
        selected = Map.copyOf(selected);
    }

    static RequestInfo of(HttpRequest request, Query query) {
        List<String> parts = segments(request.path());
        boolean core = !parts.isEmpty() && parts.getFirst().equals("api");
        boolean grouped = !parts.isEmpty() && parts.getFirst().equals("apis");
        if (!(core && parts.size() >= 3) && !(grouped && parts.size() >= 4)) {
            return nonResource(request);
        }
        String group = core ? "" : parts.get(1);
        String version = parts.get(core ? 1 : 2);
        List<String> tail = parts.subList(core ? 2 : 3, parts.size());
        String verb = VERBS.getOrDefault(request.method(), other(request.method()));
        if (tail.getFirst().equals("watch") && tail.size() > 1) {
            // whoever sends something along does not only watch, least of all behind another server
            verb = verb.equals("get") ? "watch" : other(request.method());
            tail = tail.subList(1, tail.size());
        }
        return resource(request, query, verb, group, version, tail);
    }

    /// The verb of what is no method of Kubernetes'. One that is only called like a verb is not that verb.
    private static String other(String method) {
        String lower = method.toLowerCase(Locale.ROOT);
        return KUBERNETES.contains(lower) ? "unknown" : lower;
    }

    private static RequestInfo resource(
            HttpRequest request, Query query, String verb, String group, String version, List<String> tail) {
        String namespace = "";
        List<String> parts = tail;
        if (tail.getFirst().equals(NAMESPACES) && tail.size() > 1) {
            namespace = tail.get(1);
            if (tail.size() > 2 && !NAMESPACE_SUBRESOURCES.contains(tail.get(2))) {
                parts = tail.subList(2, tail.size());
            }
        }
        String name = parts.size() > 1 ? parts.get(1) : "";
        String subresource = parts.size() > 2 ? parts.get(2) : "";
        String actual = name.isEmpty() ? onCollection(verb, query) : verb;
        Map<String, String> selected = name.isEmpty() && SELECTING.contains(actual) ? selected(query) : Map.of();
        name = selected.getOrDefault("metadata.name", name);
        List<String> rest = parts.size() > 3 ? parts.subList(3, parts.size()) : List.of();
        return new RequestInfo(
                true,
                request.path(),
                actual,
                group,
                version,
                namespace,
                parts.getFirst(),
                subresource,
                name,
                rest,
                selected);
    }

    private static Map<String, String> selected(Query query) {
        var selected = new HashMap<String, String>();
        for (var term : FieldSelector.parse(query.text("fieldSelector")).terms()) {
            if (term.equal()) {
                selected.putIfAbsent(term.field(), term.value());
            }
        }
        return selected;
    }

    private static String onCollection(String verb, Query query) {
        return switch (verb) {
            case "get" -> query.isTrue("watch") ? "watch" : "list";
            case "delete" -> "deletecollection";
            default -> verb;
        };
    }

    private static RequestInfo nonResource(HttpRequest request) {
        String verb = VERBS.containsKey(request.method())
                ? request.method().toLowerCase(Locale.ROOT)
                : other(request.method());
        return new RequestInfo(false, request.path(), verb, "", "", "", "", "", "", List.of(), Map.of());
    }

    /// Whether the namespace in the path is what the request is about.
    boolean isNamespaceItself() {
        return resource.equals(NAMESPACES);
    }

    /// Whether it lasts as long as the client wants: no deadline, no seat.
    boolean isLongRunning() {
        return isResource && (verb.equals("watch") || LONG_RUNNING.contains(subresource));
    }

    boolean isWrite() {
        return !READS.contains(verb);
    }

    GroupVersionResource gvr() {
        return new GroupVersionResource(group, version, resource);
    }

    FlowRequest flow(UserInfo user) {
        return new FlowRequest(user, verb, group, resource, subresource, namespace, isResource ? "" : path);
    }

    Attributes attributes(UserInfo user) {
        return attributes(user, verb);
    }

    Attributes attributes(UserInfo user, String otherVerb) {
        return isResource
                ? new Attributes(user, otherVerb, group, version, resource, subresource, namespace, name, "", selected)
                : new Attributes(user, otherVerb, "", "", "", "", "", "", path);
    }

    private static List<String> segments(String path) {
        var parts = new ArrayList<String>();
        for (String part : path.split("/", -1)) {
            parts.add(decode(part));
        }
        // the path starts with a slash and may end with one
        parts.removeFirst();
        if (!parts.isEmpty() && parts.getLast().isEmpty()) {
            parts.removeLast();
        }
        return parts;
    }

    private static String decode(String segment) {
        try {
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }
}
