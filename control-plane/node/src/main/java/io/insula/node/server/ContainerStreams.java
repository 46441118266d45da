package io.insula.node.server;

import io.insula.node.runtime.Container;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.Sandbox;
import io.insula.node.runtime.SandboxId;
import io.insula.node.runtime.Streams;
import io.insula.node.server.NodePods.NodePod;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.Upgrades;
import io.insula.tenantapi.tunnel.Dial;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `/exec`, `/attach` and `/portForward`: bytes between the API server and the runtime's own server for streams. What
/// protocol these speak (SPDY, WebSocket) is not this node's business. Thread-safe: holds no state.
///
/// Source: kubernetes, `pkg/kubelet/server/server.go`, `pkg/kubelet/server/remotecommand` and `portforward`.
final class ContainerStreams {

    private final NodePods pods;
    private final ContainerRuntime runtime;

    ContainerStreams(NodePods pods, ContainerRuntime runtime) {
        this.pods = pods;
        this.runtime = runtime;
    }

    void exec(HttpRequest request, Address address, NodeQuery query, HttpResponder responder) {
        Streams streams = streams(query);
        Container container = running(address);
        pass(request, responder, () -> runtime.execUrl(container.id(), query.all("command"), streams));
    }

    void attach(HttpRequest request, Address address, NodeQuery query, HttpResponder responder) {
        Streams streams = streams(query);
        Container container = running(address);
        pass(request, responder, () -> runtime.attachUrl(container.id(), streams));
    }

    void portForward(HttpRequest request, Address address, NodeQuery query, HttpResponder responder) {
        NodePod pod = pod(address);
        SandboxId sandbox = pod.sandbox().orElseThrow(() -> new NodeRefusal(500, "sandbox not found\n"));
        if (!runtime.sandbox(sandbox).map(Sandbox::isReady).orElse(false)) {
            throw new NodeRefusal(500, "sandbox not found\n");
        }
        List<Integer> ports = ports(query);
        pass(request, responder, () -> runtime.portForwardUrl(sandbox, ports));
    }

    /// Which container, as the path says.
    ///
    /// @param uid empty where any pod of that name will do
    /// @param container empty for the whole pod
    record Address(String namespace, String name, String uid, String container) {}

    private static Streams streams(NodeQuery query) {
        boolean tty = query.isTrue("tty");
        // with a terminal both are one
        var streams = new Streams(query.isTrue("input"), query.isTrue("output"), query.isTrue("error") && !tty, tty);
        if (!streams.stdin() && !streams.stdout() && !streams.stderr()) {
            throw NodeRefusal.bad("you must specify at least 1 of stdin, stdout, stderr\n");
        }
        return streams;
    }

    /// Those of WebSocket clients; SPDY names them in its own frames.
    private static List<Integer> ports(NodeQuery query) {
        var ports = new ArrayList<Integer>();
        for (String values : query.all("port")) {
            for (String text : values.split(",", -1)) {
                try {
                    int port = Integer.parseInt(text);
                    if (port < 1 || port > 65535) {
                        throw new NumberFormatException(text);
                    }
                    ports.add(port);
                } catch (NumberFormatException e) {
                    throw NodeRefusal.bad("port: \"" + text + "\" (expected: 1 to 65535)\n");
                }
            }
        }
        return ports;
    }

    private NodePod pod(Address address) {
        return pods.find(address.namespace(), address.name())
                .filter(pod -> address.uid().isEmpty()
                        || address.uid().equals(pod.pod().getMetadata().getUid()))
                .orElseThrow(() -> NodeRefusal.notFound("pod does not exist\n"));
    }

    private Container running(Address address) {
        return pod(address)
                .container(address.container())
                .filter(container -> container.state() instanceof Running)
                .orElseThrow(() -> new NodeRefusal(500, "container not found (\"" + address.container() + "\")\n"));
    }

    @FunctionalInterface
    private interface UrlSource {
        URI url();
    }

    private static void pass(HttpRequest request, HttpResponder responder, UrlSource source) {
        if (!request.asksForUpgrade()) {
            throw NodeRefusal.bad("Upgrade request required\n");
        }
        try {
            URI url = source.url();
            var peer = new Dial.Peer(url.getHost(), url.getPort(), Optional.empty());
            String target = url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
            Upgrades.pass(request, responder, peer, request.method(), target);
        } catch (RuntimeFailure e) {
            throw new NodeRefusal(500, e.getMessage() + "\n");
        } catch (IOException e) {
            throw new NodeRefusal(502, "the container runtime does not serve streams: " + e.getMessage() + "\n");
        }
    }
}
