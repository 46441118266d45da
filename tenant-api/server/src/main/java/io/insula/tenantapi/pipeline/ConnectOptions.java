package io.insula.tenantapi.pipeline;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.List;

/// What a connection's URL asks for, as the object that admission sees. Source: kubernetes/api, `core/v1`
/// (PodExecOptions, PodAttachOptions, PodPortForwardOptions).
final class ConnectOptions {

    private ConnectOptions() {}

    static ObjectNode of(RequestInfo info, Query query) {
        ObjectNode options = Json.object().put("apiVersion", "v1");
        if (info.subresource().equals("portforward")) {
            options.put("kind", "PodPortForwardOptions");
            var ports = options.putArray("ports");
            query.all("ports").forEach(port -> ports.add(Integer.parseInt(port)));
            return options;
        }
        boolean exec = info.subresource().equals("exec");
        options.put("kind", exec ? "PodExecOptions" : "PodAttachOptions");
        for (String flag : List.of("stdin", "stdout", "stderr", "tty")) {
            if (query.isTrue(flag)) {
                options.put(flag, true);
            }
        }
        if (!query.text("container").isEmpty()) {
            options.put("container", query.text("container"));
        }
        if (exec) {
            var command = options.putArray("command");
            query.all("command").forEach(command::add);
        }
        return options;
    }
}
