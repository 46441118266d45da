package io.insula.tenantapi.audit;

import java.util.List;

/// What a policy looks at.
///
/// @param user empty where nobody has been authenticated
/// @param resource empty for requests that are for no resource
/// @param path of a request that is for no resource
record AuditSubject(
        String user,
        List<String> groups,
        String verb,
        String group,
        String resource,
        String subresource,
        String namespace,
        String name,
        String path) {

    static final AuditSubject NONE = new AuditSubject("", List.of(), "", "", "", "", "", "", "");

    AuditSubject {
        groups = List.copyOf(groups);
    }

    boolean isForResource() {
        return !resource.isEmpty();
    }
}
