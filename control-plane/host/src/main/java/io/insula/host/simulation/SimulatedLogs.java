package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.nodes.PodContainers;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.pipeline.PassThrough;
import io.insula.tenantapi.pipeline.RequestInfo;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodView;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// The logs of simulated nodes: what a container's life was, told as its output, since nothing runs in it.
/// Everything else that a node would serve is refused as by a server without nodes. Thread-safe: holds no
/// state.
///
/// Source: Kubernetes API reference, "read log of the specified Pod"; kubernetes
/// `pkg/kubelet/kubelet_pods.go` (containers that have not started).
public final class SimulatedLogs implements PassThrough {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final Map<String, List<String>> PLAIN = Map.of("Content-Type", List.of("text/plain"));

    private final Supplier<ObjectClient> client;

    /// @param client the server's own; asked for at each request
    public SimulatedLogs(Supplier<ObjectClient> client) {
        this.client = client;
    }

    @Override
    public void handle(HttpRequest request, RequestInfo info, UserInfo user, Target target, HttpResponder responder) {
        if (!target.subresource().equals("log")) {
            PassThrough.NONE.handle(request, info, user, target, responder);
            return;
        }
        ObjectNode pod = client.get()
                .get(PODS, target.namespace(), target.name())
                .orElseThrow(() -> ApiException.notFound(PODS, target.name()));
        if (isElsewhere(pod)) {
            PassThrough.NONE.handle(request, info, user, target, responder);
            return;
        }
        var options = options(request.query());
        var name = PodContainers.chosen(pod, options.getOrDefault("container", ""));
        byte[] lines = lines(pod, name, options).getBytes(StandardCharsets.UTF_8);
        int limit = number(options, "limitBytes").orElse(lines.length);
        byte[] limited = limit < lines.length ? Arrays.copyOf(lines, limit) : lines;
        if (options.getOrDefault("follow", "").equals("true") && runs(status(pod, name))) {
            follow(pod, name, limited, responder);
        } else {
            responder.send(200, PLAIN, limited);
        }
    }

    /// Whether a node has it on which something runs: its logs are no invention of ours.
    private boolean isElsewhere(ObjectNode pod) {
        String node = PodView.of(pod).nodeName();
        return !node.isEmpty()
                && client.get()
                        .get(Resources.NODES, "", node)
                        .filter(found -> !Meta.annotations(found).containsKey(SimulationKeys.SIMULATED))
                        .isPresent();
    }

    /// Until the container ends, the pod goes, or the reader does.
    private void follow(ObjectNode pod, String container, byte[] soFar, HttpResponder responder) {
        var stream = responder.stream(200, PLAIN);
        stream.write(soFar);
        var watch = client.get()
                .watch(
                        PODS,
                        Meta.namespace(pod),
                        pod.path("metadata").path("resourceVersion").asText(),
                        new ObjectClient.Query("", "metadata.name=" + Meta.name(pod)),
                        new ObjectClient.WatchHandler() {
                            @Override
                            public void onEvent(String type, ObjectNode changed) {
                                if (type.equals("DELETED") || !runs(status(changed, container))) {
                                    stream.close();
                                }
                            }

                            @Override
                            public void onEnd() {
                                stream.close();
                            }
                        });
        stream.onClose(() -> close(watch));
    }

    private static void close(AutoCloseable watch) {
        try {
            watch.close();
        } catch (Exception e) {
            throw new IllegalStateException("a watch did not end", e);
        }
    }

    private static String lines(ObjectNode pod, String container, Map<String, String> options) {
        JsonNode status = status(pod, container);
        if (options.getOrDefault("previous", "").equals("true")) {
            throw ApiException.badRequest(
                    "previous terminated container \"" + container + "\" in pod \"" + Meta.name(pod) + "\" not found");
        }
        JsonNode state = status.path("state");
        JsonNode known = state.has("terminated") ? state.path("terminated") : state.path("running");
        if (known.isMissingNode()) {
            var reason = state.path("waiting").path("reason").asText("ContainerCreating");
            throw ApiException.badRequest(
                    "container \"" + container + "\" in pod \"" + Meta.name(pod) + "\" is waiting to start: " + reason);
        }
        var lines = new ArrayList<String>();
        boolean stamped = options.getOrDefault("timestamps", "").equals("true");
        lines.add(line(
                stamped,
                known.path("startedAt").asText(),
                "container " + container + " started: simulated, runs nothing"));
        if (state.has("terminated")) {
            lines.add(line(
                    stamped,
                    known.path("finishedAt").asText(),
                    "container " + container + " ended with code "
                            + known.path("exitCode").asInt()));
        }
        int tail = number(options, "tailLines").orElse(lines.size());
        return String.join("", lines.subList(Math.max(0, lines.size() - tail), lines.size()));
    }

    private static String line(boolean stamped, String time, String text) {
        return (stamped ? time + " " : "") + text + "\n";
    }

    private static JsonNode status(JsonNode pod, String container) {
        for (Kind kind : PodContainers.LOOKED_UP) {
            for (var each : PodView.of(pod).statuses(kind)) {
                if (each.path("name").asText().equals(container)) {
                    return each;
                }
            }
        }
        return MissingNode.getInstance();
    }

    private static boolean runs(JsonNode status) {
        return status.path("state").has("running");
    }

    private static Optional<Integer> number(Map<String, String> options, String name) {
        var text = options.getOrDefault(name, "");
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Math.max(0, Integer.parseInt(text)));
        } catch (NumberFormatException e) {
            throw ApiException.badRequest(name + ": \"" + text + "\" (expected: a number)");
        }
    }

    private static Map<String, String> options(String query) {
        var options = new HashMap<String, String>();
        for (var pair : query.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                options.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return options;
    }
}
