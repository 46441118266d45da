package io.insula.host.nodes;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/// Passes logs, exec, attach and port-forward on to the node that runs the pod, proxies to the pod itself, as
/// upstream's API server does to kubelets: with a client certificate, and only to a server whose certificate is
/// for the node's address. Thread-safe.
///
/// Source: kubernetes, `pkg/registry/core/pod/strategy.go` (LogLocation, ExecLocation …) and
/// `pkg/registry/core/pod/rest/subresources.go`.
public final class NodeStreams implements PassThrough {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final GroupVersionResource NODES = new GroupVersionResource("", "v1", "nodes");
    private static final Map<String, List<String>> PLAIN = Map.of("Content-Type", List.of("text/plain"));

    private final Supplier<ObjectClient> client;
    private final Supplier<SSLContext> identity;
    private final PassThrough simulated;
    private final NodeLogs logs = new NodeLogs();
    private final ProxyStreams proxy;

    /// @param client the server's own; asked for at each request
    /// @param identity what nodes are shown, and whom they must be signed by; asked for at each request
    /// @param simulated answers for pods on nodes that serve nothing
    public NodeStreams(Supplier<ObjectClient> client, Supplier<SSLContext> identity, PassThrough simulated) {
        this.client = client;
        this.identity = identity;
        this.simulated = simulated;
        this.proxy = new ProxyStreams(client);
    }

    @Override
    public void handle(HttpRequest request, RequestInfo info, UserInfo user, Target target, HttpResponder responder) {
        boolean pods = target.kind().spec().gvr().equals(PODS);
        if (target.subresource().equals("proxy") && !target.kind().spec().gvr().equals(NODES)) {
            proxy.pass(request, target, responder, pod -> node(pod).isPresent());
            return;
        }
        if (!pods) {
            simulated.handle(request, info, user, target, responder);
            return;
        }
        ObjectNode pod = client.get()
                .get(PODS, target.namespace(), target.name())
                .orElseThrow(() -> ApiException.notFound(PODS, target.name()));
        String nodeName = pod.path("spec").path("nodeName").asText("");
        Optional<Dial.Peer> node = node(pod);
        if (!nodeName.isEmpty() && node.isEmpty()) {
            simulated.handle(request, info, user, target, responder);
            return;
        }
        StreamQuery query = StreamQuery.of(request.query());
        String path = "/" + target.namespace() + "/" + target.name();
        switch (target.subresource()) {
            case "log" -> {
                String container = PodContainers.chosen(pod, query.text("container"));
                if (node.isEmpty()) {
                    // as upstream: a pod without a node has said nothing yet
                    responder.send(200, PLAIN, new byte[0]);
                } else {
                    logs.pass(node.get(), "/containerLogs" + path + "/" + container + "?" + query.forLogs(), responder);
                }
            }
            case "exec", "attach" -> {
                String container = PodContainers.chosen(pod, query.text("container"));
                upgrade(
                        request,
                        responder,
                        assigned(node, pod),
                        "/" + target.subresource() + path + "/" + container + "?" + query.forStreams(),
                        query.wanted());
            }
            case "portforward" ->
                upgrade(
                        request,
                        responder,
                        assigned(node, pod),
                        "/portForward" + path + "?" + query.forPorts(),
                        query.wanted());
            default -> simulated.handle(request, info, user, target, responder);
        }
    }

    private static Dial.Peer assigned(Optional<Dial.Peer> node, ObjectNode pod) {
        return node.orElseThrow(
                () -> ApiException.badRequest("pod " + Meta.name(pod) + " does not have a host assigned"));
    }

    private static void upgrade(
            HttpRequest request, HttpResponder responder, Dial.Peer node, String target, RemoteStreams.Wanted wanted) {
        if (!request.asksForUpgrade()) {
            throw ApiException.badRequest("Upgrade request required");
        }
        try {
            if (WebSocketStreams.isFor(request)) {
                WebSocketStreams.pass(request, responder, node, target, wanted);
            } else {
                Upgrades.pass(request, responder, node, request.method(), target);
            }
        } catch (IOException e) {
            throw ApiException.internal("error dialing backend: " + e.getMessage(), e);
        }
    }

    /// That runs a pod; empty where it has none, or one that serves nothing.
    private Optional<Dial.Peer> node(ObjectNode pod) {
        String name = pod.path("spec").path("nodeName").asText("");
        return name.isEmpty()
                ? Optional.empty()
                : client.get().get(NODES, "", name).flatMap(found -> NodePeers.of(found, identity));
    }
}
