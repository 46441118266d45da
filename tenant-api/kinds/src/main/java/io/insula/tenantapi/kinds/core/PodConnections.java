package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.SubresourceRequest;

/// log, exec, attach, port-forward and proxy where no node agent can be reached: what upstream answers then.
/// Source: kubernetes `pkg/registry/core/pod/strategy.go`, `ResourceLocation`.
final class PodConnections {

    private PodConnections() {}

    /// Never returns: there is nobody to connect to.
    static ObjectNode connect(SubresourceRequest request) {
        JsonNode pod = request.current();
        if (pod.path("spec").path("nodeName").asText("").isEmpty()) {
            throw ApiException.badRequest("pod " + Meta.name(pod) + " does not have a host assigned");
        }
        throw unreachable(request.name());
    }

    static ApiException unreachable(String subresource) {
        return ApiException.of(
                500, "InternalError", "error dialing backend: no node agent serves " + subresource + " here");
    }
}
