package io.insula.controlplane.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// One operation: what it is called by, what a request for it may have, and what is recorded of it. Immutable.
///
/// @param template the path; one segment may be `{name}`
/// @param operation its `operationId` in `openapi.json`
/// @param object what it is about, for the audit event
/// @param query the parameters there may be
/// @param body the fields that the body may have; empty for an operation without a body
/// @param headers of those that change what is done, the ones that it knows: `If-Match` …
/// @param roles who may ask for it besides superusers
record Route(
        String method,
        String template,
        String operation,
        AuditObject object,
        Set<String> query,
        Optional<Set<String>> body,
        Set<String> headers,
        Set<Role> roles,
        Work work) {

    private static final String VARIABLE = "{name}";

    Route {
        query = Set.copyOf(query);
        body = body.map(Set::copyOf);
        headers = Set.copyOf(headers);
        roles = Set.copyOf(roles);
    }

    /// Does it, on the request's own thread.
    @FunctionalInterface
    interface Work {
        AdminAnswer answer(AdminCall call);
    }

    /// @param resource of the group `tenancy.insula.io`; empty for what is no resource
    record AuditObject(String resource, String subresource) {
        static final AuditObject NONE = new AuditObject("", "");

        static AuditObject of(String resource) {
            return new AuditObject(resource, "");
        }
    }

    static Route get(String template, String operation, AuditObject object, Work work) {
        return new Route("GET", template, operation, object, Set.of(), Optional.empty(), Set.of(), Set.of(), work);
    }

    static Route delete(String template, String operation, AuditObject object, Work work) {
        return new Route("DELETE", template, operation, object, Set.of(), Optional.empty(), Set.of(), Set.of(), work);
    }

    static Route post(String template, String operation, AuditObject object, Set<String> body, Work work) {
        return new Route("POST", template, operation, object, Set.of(), Optional.of(body), Set.of(), Set.of(), work);
    }

    static Route patch(String template, String operation, AuditObject object, Set<String> body, Work work) {
        return new Route("PATCH", template, operation, object, Set.of(), Optional.of(body), Set.of(), Set.of(), work);
    }

    Route withQuery(String... parameters) {
        return new Route(method, template, operation, object, Set.of(parameters), body, headers, roles, work);
    }

    Route withHeaders(String... names) {
        return new Route(method, template, operation, object, query, body, Set.of(names), roles, work);
    }

    Route forRoles(Set<Role> others) {
        return new Route(method, template, operation, object, query, body, headers, others, work);
    }

    /// As RBAC names it; of what is no resource, the method. Source: Kubernetes documentation, "Authorization".
    String verb() {
        if (object.resource().isEmpty()) {
            return method.toLowerCase(Locale.ROOT);
        }
        return switch (method) {
            case "GET" -> template.contains(VARIABLE) ? "get" : "list";
            case "POST" -> "create";
            default -> method.toLowerCase(Locale.ROOT);
        };
    }

    /// The value of the template's variable, empty where it has none; nothing where the path is another.
    Optional<String> match(String path) {
        List<String> wanted = segments(template);
        List<String> given = segments(path);
        if (wanted.size() != given.size()) {
            return Optional.empty();
        }
        String name = "";
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).equals(VARIABLE)) {
                name = given.get(i);
            } else if (!wanted.get(i).equals(given.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(name);
    }

    private static List<String> segments(String path) {
        var all = new ArrayList<String>();
        int begin = 0;
        for (int i = 0; i <= path.length(); i++) {
            if (i == path.length() || path.charAt(i) == '/') {
                all.add(path.substring(begin, i));
                begin = i + 1;
            }
        }
        return all;
    }
}
