package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.ports.ObjectClient;

/// Ends pods by the tenant's own eviction. Stateless.
final class Evictions {

    private Evictions() {}

    /// Source: Kubernetes documentation, "API-initiated Eviction": 429 where a budget does not allow it now.
    ///
    /// @return whether it was taken, or the pod is gone
    static boolean evict(ObjectNode pod, ObjectClient client) {
        JsonNode meta = pod.path("metadata");
        String namespace = meta.path("namespace").asText();
        String name = meta.path("name").asText();
        ObjectNode eviction = Json.object().put("apiVersion", "policy/v1").put("kind", "Eviction");
        eviction.putObject("metadata").put("namespace", namespace).put("name", name);
        eviction.putObject("deleteOptions")
                .putObject("preconditions")
                .put("uid", meta.path("uid").asText());
        try {
            client.createSubresource(PodPairs.PODS, namespace, name, "eviction", eviction);
            return true;
        } catch (ApiException e) {
            return switch (e.code()) {
                case 404, 409 -> true;
                case 429 -> false;
                default -> throw e;
            };
        }
    }
}
