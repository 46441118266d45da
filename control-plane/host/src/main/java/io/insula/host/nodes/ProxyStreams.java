package io.insula.host.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.network.IpAddress;
import io.insula.rules.network.ReservedBlocks;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.Proxies;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.registry.Target;
import io.insula.tenantapi.tunnel.AnyCertificate;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.PodView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/// The `proxy` of pods and Services: a request to the API server that a pod answers. Only addresses of pods are
/// dialled, whatever an object says: a Service's endpoint counts only where it is a pod of its namespace.
/// Thread-safe.
///
/// Source: kubernetes, `pkg/registry/core/pod/strategy.go` (ResourceLocation) and
/// `pkg/registry/core/service/storage/storage.go`.
final class ProxyStreams {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    private static final GroupVersionResource SLICES =
            new GroupVersionResource("discovery.k8s.io", "v1", "endpointslices");

    private final Supplier<ObjectClient> client;

    ProxyStreams(Supplier<ObjectClient> client) {
        this.client = client;
    }

    /// Who answers, and where.
    private record Backend(ObjectNode pod, int port) {}

    /// @param serves whether a pod's node really runs it
    void pass(HttpRequest request, Target target, HttpResponder responder, Predicate<ObjectNode> serves) {
        ProxyTarget wanted = ProxyTarget.of(target.name(), request.path());
        Backend backend = target.kind().spec().gvr().equals(SERVICES)
                ? ofService(target.namespace(), wanted)
                : new Backend(pod(target.namespace(), wanted.name()), -1);
        if (!serves.test(backend.pod())) {
            throw ApiException.unavailable("the node of pod " + Meta.name(backend.pod()) + " runs nothing: no proxy");
        }
        int port = backend.port() > 0 ? backend.port() : portOf(backend.pod(), wanted.port());
        var peer = new Dial.Peer(address(backend.pod()), port, tls(wanted));
        Optional<String> redirect = wanted.redirect(request);
        if (redirect.isPresent()) {
            responder.send(301, Map.of("Location", List.of(redirect.get())), new byte[0]);
            return;
        }
        String query = request.query().isEmpty() ? "" : "?" + request.query();
        try {
            String prefix = wanted.prefix(request.path());
            Proxies.pass(
                    request,
                    responder,
                    peer,
                    wanted.path() + query,
                    to -> to.startsWith("/") && !to.startsWith("//") && !to.startsWith(prefix + "/")
                            ? prefix + to
                            : to);
        } catch (IOException e) {
            throw ApiException.unavailable("error trying to reach service: " + e.getMessage());
        }
    }

    static Optional<SSLContext> tls(ProxyTarget wanted) {
        return wanted.scheme().equals("https") ? Optional.of(AnyCertificate.context()) : Optional.empty();
    }

    private ObjectNode pod(String namespace, String name) {
        return client.get().get(PODS, namespace, name).orElseThrow(() -> ApiException.notFound(PODS, name));
    }

    private static String address(ObjectNode pod) {
        String address = pod.path("status").path("podIP").asText("");
        boolean dialled =
                IpAddress.parse(address).filter(ip -> !ReservedBlocks.cover(ip)).isPresent();
        if (!dialled) {
            throw ApiException.badRequest(
                    address.isEmpty() ? "address not allowed: pod has no IP" : "address not allowed");
        }
        return address;
    }

    /// A number as it stands; without one the first port of the first container.
    private static int portOf(ObjectNode pod, String named) {
        if (!named.isEmpty()) {
            return number(named)
                    .orElseThrow(
                            () -> ApiException.badRequest("invalid port \"" + named + "\" (expected: 1 to 65535)"));
        }
        for (ContainerView container : PodView.of(pod).spec().containers(ContainerView.Kind.ORDINARY)) {
            for (JsonNode port : container.ports()) {
                return port.path("containerPort").asInt();
            }
        }
        return 80;
    }

    private static Optional<Integer> number(String text) {
        try {
            int port = Integer.parseInt(text);
            return port >= 1 && port <= 65535 ? Optional.of(port) : Optional.empty();
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private Backend ofService(String namespace, ProxyTarget wanted) {
        ObjectNode service = client.get()
                .get(SERVICES, namespace, wanted.name())
                .orElseThrow(() -> ApiException.notFound(SERVICES, wanted.name()));
        String portName = portName(service, wanted.port());
        var found = new ArrayList<Backend>();
        var slices = client.get()
                .list(SLICES, namespace, new ObjectClient.Query(WellKnownKeys.SERVICE_NAME + "=" + wanted.name(), ""))
                .items();
        for (ObjectNode slice : slices) {
            for (JsonNode port : slice.path("ports")) {
                if (port.path("name").asText("").equals(portName)) {
                    collect(namespace, slice, port.path("port").asInt(), found);
                }
            }
        }
        if (found.isEmpty()) {
            throw ApiException.unavailable("no endpoints available for service \"" + wanted.name() + "\"");
        }
        return found.get(ThreadLocalRandom.current().nextInt(found.size()));
    }

    private void collect(String namespace, ObjectNode slice, int port, List<Backend> into) {
        for (JsonNode endpoint : slice.path("endpoints")) {
            JsonNode ref = endpoint.path("targetRef");
            boolean ready = endpoint.path("conditions").path("ready").asBoolean(true);
            if (ready && ref.path("kind").asText().equals("Pod")) {
                client.get()
                        .get(PODS, namespace, ref.path("name").asText())
                        .filter(pod -> Meta.uid(pod).equals(ref.path("uid").asText()))
                        .ifPresent(pod -> into.add(new Backend(pod, port)));
            }
        }
    }

    /// The name of the Service's port that is meant: by name, by number, or the only one.
    private static String portName(ObjectNode service, String asked) {
        JsonNode ports = service.path("spec").path("ports");
        if (asked.isEmpty() && ports.size() == 1) {
            return ports.path(0).path("name").asText("");
        }
        for (JsonNode port : ports) {
            if (port.path("name").asText("").equals(asked)
                    || port.path("port").asText().equals(asked)) {
                return port.path("name").asText("");
            }
        }
        throw ApiException.unavailable(
                "no service port \"" + asked + "\" found for service \"" + Meta.name(service) + "\"");
    }
}
