package io.insula.tenantapi.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/// Resolves a Service to one of its ready endpoints, any of them. Thread-safe: holds no state.
///
/// Source: kubernetes/apiserver, `pkg/util/proxy/proxy.go` (ResolveEndpoint).
record ServiceEndpoints(Supplier<ObjectClient> client, RunningPods pods) implements ServiceResolver {

    private static final GroupVersionResource SERVICES = new GroupVersionResource("", "v1", "services");
    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");
    private static final GroupVersionResource SLICES =
            new GroupVersionResource("discovery.k8s.io", "v1", "endpointslices");
    private static final Set<String> TYPES = Set.of("", "ClusterIP", "NodePort", "LoadBalancer");

    /// @param port of the endpoint
    private record Candidate(JsonNode endpoint, IpAddress address, int port) {}

    @Override
    public Destination.At resolve(String namespace, String name, int port) {
        JsonNode service = client.get()
                .get(SERVICES, namespace, name)
                .orElseThrow(() -> new WebhookFailure("service \"" + name + "\" not found"));
        JsonNode spec = service.path("spec");
        String type = spec.path("type").asText("");
        if (!TYPES.contains(type)) {
            throw new WebhookFailure("unsupported service type \"" + type + "\"");
        }
        JsonNode declared = spec.path("ports")
                .valueStream()
                .filter(each -> each.path("port").asInt() == port)
                .findFirst()
                .orElseThrow(
                        () -> new WebhookFailure("no service port " + port + " found for service \"" + name + "\""));
        List<Candidate> ready = ready(namespace, name, declared.path("name").asText(""));
        if (ready.isEmpty()) {
            throw new WebhookFailure("no endpoints available for service \"" + name + "\"");
        }
        Candidate one = ready.get(ThreadLocalRandom.current().nextInt(ready.size()));
        return new Destination.At(one.address(), one.port(), runs(namespace, one));
    }

    private List<Candidate> ready(String namespace, String name, String portName) {
        var found = new ArrayList<Candidate>();
        for (ObjectNode slice : client.get()
                .list(SLICES, namespace, new Query(WellKnownKeys.SERVICE_NAME + "=" + name, ""))
                .items()) {
            Optional<Integer> port = port(slice, portName);
            if (port.isEmpty()) {
                continue;
            }
            for (JsonNode endpoint : slice.path("endpoints")) {
                if (endpoint.path("conditions").path("ready").asBoolean(true)) {
                    endpoint.path("addresses")
                            .valueStream()
                            .flatMap(text -> IpAddress.parse(text.asText()).stream())
                            .forEach(address -> found.add(new Candidate(endpoint, address, port.get())));
                }
            }
        }
        return found;
    }

    private static Optional<Integer> port(JsonNode slice, String name) {
        return slice.path("ports")
                .valueStream()
                .filter(each -> each.path("name").asText("").equals(name))
                .map(each -> each.path("port").asInt())
                .filter(port -> port > 0 && port <= 65_535)
                .findFirst();
    }

    private boolean runs(String namespace, Candidate candidate) {
        JsonNode target = candidate.endpoint().path("targetRef");
        if (!target.path("kind").asText("").equals("Pod")
                || !target.path("namespace").asText(namespace).equals(namespace)) {
            return false;
        }
        return client.get()
                .get(PODS, namespace, target.path("name").asText(""))
                .filter(pod -> Meta.uid(pod).equals(target.path("uid").asText("")))
                .filter(pod -> pods.run(pod, candidate.address()))
                .isPresent();
    }
}
