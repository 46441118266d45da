package io.insula.tenantapi.rbac;

import com.fasterxml.jackson.databind.JsonNode;

/// Which role a binding grants.
///
/// @param namespace of a Role; empty for a ClusterRole
record RoleRef(String kind, String namespace, String name) {

    static final String ROLE = "Role";
    static final String CLUSTER_ROLE = "ClusterRole";

    static RoleRef of(JsonNode roleRef, String bindingNamespace) {
        String kind = roleRef.path("kind").asText();
        return new RoleRef(
                kind,
                kind.equals(ROLE) ? bindingNamespace : "",
                roleRef.path("name").asText());
    }

    String resource() {
        return kind.equals(ROLE) ? "roles" : "clusterroles";
    }
}
