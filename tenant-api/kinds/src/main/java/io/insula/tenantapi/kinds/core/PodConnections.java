package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.SubresourceRequest;
import io.insula.tenantapi.view.PodView;
import java.util.List;
import java.util.function.Function;

/// log, exec, attach, port-forward and proxy where no node agent can be reached: what upstream answers then.
/// Source: kubernetes `pkg/registry/core/pod/strategy.go`, `ResourceLocation`.
final class PodConnections {

    private PodConnections() {}

    /// Never returns: there is nobody to connect to.
    static ObjectNode connect(SubresourceRequest request) {
        JsonNode pod = request.current();
        if (!PodView.of(pod).isBound()) {
            throw ApiException.badRequest("pod " + Meta.name(pod) + " does not have a host assigned");
        }
        throw unreachable(request.name());
    }

    /// What a stream's URL asks for. Source: kubernetes/api, `core/v1` (PodExecOptions, PodAttachOptions,
    /// PodPortForwardOptions).
    static ObjectNode options(String subresource, Function<String, List<String>> query) {
        ObjectNode options = Json.object();
        switch (subresource) {
            case "portforward" -> {
                var ports = options.put("kind", "PodPortForwardOptions").putArray("ports");
                query.apply("ports").forEach(port -> ports.add(Integer.parseInt(port)));
            }
            case "attach" -> container(options.put("kind", "PodAttachOptions"), query);
            case "exec" -> {
                container(options.put("kind", "PodExecOptions"), query);
                var command = options.putArray("command");
                query.apply("command").forEach(command::add);
            }
            default -> throw new IllegalStateException("no stream: " + subresource);
        }
        return options;
    }

    private static void container(ObjectNode options, Function<String, List<String>> query) {
        for (String flag : List.of("stdin", "stdout", "stderr", "tty")) {
            if (isTrue(query.apply(flag))) {
                options.put(flag, true);
            }
        }
        List<String> container = query.apply("container");
        if (!container.isEmpty() && !container.getFirst().isEmpty()) {
            options.put("container", container.getFirst());
        }
    }

    /// As upstream reads booleans in queries: present means true unless it says `false` or `0`.
    private static boolean isTrue(List<String> values) {
        return !values.isEmpty()
                && !values.getFirst().equalsIgnoreCase("false")
                && !values.getFirst().equals("0");
    }

    static ApiException unreachable(String subresource) {
        return ApiException.of(
                500, "InternalError", "error dialing backend: no node agent serves " + subresource + " here");
    }
}
