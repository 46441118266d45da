package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.host.nodes.PodContainers;
import io.insula.syncer.engine.NameMap;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.Upgrades;
import io.insula.tenantapi.pipeline.PassThrough;
import io.insula.tenantapi.pipeline.RequestInfo;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.Tunnel;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/// What a tenant does with its running pods, done with the host pods that run for them: logs, exec, attach,
/// port-forward and proxies, under the tenant's own permissions. A connection ends with the tenant's pod.
/// Only containers that the tenant's pod has can be named, and only what these requests know is passed on.
/// Thread-safe.
public final class HostStreams implements PassThrough {

    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    private static final Map<String, List<String>> PLAIN = Map.of("Content-Type", List.of("text/plain"));
    /// Source: Kubernetes API reference, `PodExecOptions`, `PodAttachOptions`, `PodPortForwardOptions`, but the
    /// container.
    private static final Set<String> OPTIONS = Set.of("command", "ports", "stdin", "stdout", "stderr", "tty");

    private final PodPairs pods;
    private final HostLogs logs;
    private final HostDial dial;
    private final HostProxy proxy;
    private final Supplier<ObjectClient> tenant;

    /// @param names of the one tenant that this serves
    /// @param host the shared cluster, with the right to all of these in the tenant's host namespace
    /// @param tenant the tenant's own API; asked for at each request
    public HostStreams(NameMap names, KubernetesClient host, Supplier<ObjectClient> tenant) {
        this.pods = new PodPairs(names, host, tenant);
        this.logs = new HostLogs(pods, host);
        this.dial = new HostDial(host);
        this.proxy = new HostProxy(names, host, pods, dial, tenant);
        this.tenant = tenant;
    }

    @Override
    public void handle(HttpRequest request, RequestInfo info, UserInfo user, Target target, HttpResponder responder) {
        GroupVersionResource resource = target.kind().spec().gvr();
        if (target.subresource().equals("proxy") && (resource.equals(PodPairs.PODS) || resource.equals(SERVICES))) {
            proxy.pass(request, target, responder);
            return;
        }
        if (!resource.equals(PodPairs.PODS)) {
            PassThrough.NONE.handle(request, info, user, target, responder);
            return;
        }
        switch (target.subresource()) {
            case "log" -> log(request, target, responder);
            case "exec", "attach", "portforward" -> connect(request, target, responder);
            default -> PassThrough.NONE.handle(request, info, user, target, responder);
        }
    }

    private void log(HttpRequest request, Target target, HttpResponder responder) {
        ObjectNode pod = pods.tenantPod(target);
        String container = PodContainers.chosen(pod, value(request, "container"));
        if (!hasNode(pod)) {
            // as upstream: a pod without a node has said nothing yet
            responder.send(200, PLAIN, new byte[0]);
            return;
        }
        logs.pass(request, target, pods.nameOf(pod, target), container, responder);
    }

    private void connect(HttpRequest request, Target target, HttpResponder responder) {
        ObjectNode pod = pods.tenantPod(target);
        var query = new StringBuilder();
        if (!target.subresource().equals("portforward")) {
            query.append("container=").append(PodContainers.chosen(pod, value(request, "container")));
        }
        pairs(request, OPTIONS)
                .forEach(pair -> query.append(query.isEmpty() ? "" : "&").append(pair));
        if (!hasNode(pod)) {
            throw ApiException.badRequest("pod " + Meta.name(pod) + " does not have a host assigned");
        }
        if (!request.asksForUpgrade()) {
            throw ApiException.badRequest("Upgrade request required");
        }
        String hostName = pods.nameOf(pod, target);
        String path = "/api/v1/namespaces/" + pods.namespace() + "/pods/" + hostName + "/" + target.subresource();
        switch (ask(request, path + "?" + query)) {
            case Dial.Answer.Refused(int status, var _, byte[] body) ->
                throw pods.refused(status, body, target, hostName);
            case Dial.Answer.Upgraded upgraded -> Upgrades.join(untilGone(pod, responder), upgraded);
        }
    }

    private Dial.Answer ask(HttpRequest request, String path) {
        try {
            return Upgrades.ask(request, dial.peer(), request.method(), dial.target(path), dial.headers());
        } catch (IOException e) {
            throw ApiException.unavailable("the shared cluster does not answer");
        }
    }

    /// Ends the connection when the tenant's pod goes, whatever the host's still does.
    private HttpResponder untilGone(ObjectNode pod, HttpResponder responder) {
        return new HttpResponder() {
            @Override
            public void send(int status, Map<String, List<String>> headers, byte[] body) {
                responder.send(status, headers, body);
            }

            @Override
            public BodyStream stream(int status, Map<String, List<String>> headers) {
                return responder.stream(status, headers);
            }

            @Override
            public Tunnel upgrade(Map<String, List<String>> headers) {
                Tunnel tunnel = responder.upgrade(headers);
                var watch = new OwnPodWatch(tenant, pod, tunnel::close);
                tunnel.onClose(watch::close);
                return tunnel;
            }
        };
    }

    private static boolean hasNode(ObjectNode pod) {
        return !pod.path("spec").path("nodeName").asText("").isEmpty();
    }

    private static String value(HttpRequest request, String name) {
        List<String> pairs = pairs(request, Set.of(name));
        return pairs.isEmpty() ? "" : decoded(pairs.getFirst().substring(name.length() + 1));
    }

    /// Those of these names, encoded anew: what is read here is what is read there.
    private static List<String> pairs(HttpRequest request, Set<String> names) {
        var pairs = new ArrayList<String>();
        for (String raw : request.query().split("&", -1)) {
            int equals = raw.indexOf('=');
            String name = decoded(equals < 0 ? raw : raw.substring(0, equals));
            if (names.contains(name)) {
                String value = equals < 0 ? "" : decoded(raw.substring(equals + 1));
                pairs.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
            }
        }
        return pairs;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("not an encoded URL: " + text);
        }
    }
}
