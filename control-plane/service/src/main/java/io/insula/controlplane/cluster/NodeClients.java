package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.ports.ObjectClient;

/// Lets the API server use what nodes serve: they ask it who may. Whoever takes the right away gets it back at the next
/// start. Stateless. Source: Kubernetes, "Kubelet authorization", `system:kubelet-api-admin`.
final class NodeClients {

    private static final GroupVersionResource BINDINGS =
            new GroupVersionResource("rbac.authorization.k8s.io", "v1", "clusterrolebindings");
    private static final String RBAC = "rbac.authorization.k8s.io";

    private NodeClients() {}

    static void bind(ObjectClient cluster) {
        ObjectNode binding = Json.object().put("apiVersion", RBAC + "/v1").put("kind", "ClusterRoleBinding");
        binding.putObject("metadata").put("name", ClusterPki.NODE_CLIENTS);
        binding.putObject("roleRef")
                .put("apiGroup", RBAC)
                .put("kind", "ClusterRole")
                .put("name", "system:kubelet-api-admin");
        binding.putArray("subjects")
                .addObject()
                .put("apiGroup", RBAC)
                .put("kind", "Group")
                .put("name", ClusterPki.NODE_CLIENTS);
        try {
            cluster.create(BINDINGS, "", binding);
        } catch (ApiException e) {
            // by an earlier start
            if (e.code() != 409) {
                throw e;
            }
        }
    }
}
