package io.insula.node.network;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.rules.keys.InsulaKeys;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Objects of the API, shortly. Stateless.
final class Objects {

    private Objects() {}

    static <T extends HasMetadata> T of(Class<T> type, String yaml) {
        return Serialization.unmarshal(yaml, type);
    }

    /// @param spec as in YAML
    static Service service(String name, String spec) {
        return of(Service.class, "metadata: {name: %s, namespace: shop}\nspec: %s".formatted(name, spec));
    }

    /// Endpoints at port 8080, all named `http`.
    ///
    /// @param endpoints as `10.88.0.2`, `10.88.0.2 unready`, `10.88.0.2 ending` (serves yet), `10.88.0.2 ended`
    static EndpointSlice slice(String service, String... endpoints) {
        List<String> all = Arrays.stream(endpoints).map(Objects::endpoint).toList();
        return of(EndpointSlice.class, """
                metadata: {name: %1$s-a, namespace: shop, labels: {kubernetes.io/service-name: %1$s}}
                addressType: IPv4
                endpoints: %2$s
                ports: [{name: http, port: 8080, protocol: TCP}, {name: dns, port: 5353, protocol: UDP}]
                """.formatted(service, all));
    }

    private static String endpoint(String text) {
        String[] words = text.split(" ", -1);
        String conditions = switch (words.length == 1 ? "" : words[1]) {
            case "" -> "{ready: true, serving: true, terminating: false}";
            case "unready" -> "{ready: false, serving: false, terminating: false}";
            case "ending" -> "{ready: false, serving: true, terminating: true}";
            case "ended" -> "{ready: false, serving: false, terminating: true}";
            default -> throw new IllegalArgumentException(text);
        };
        return "{addresses: ['%s'], conditions: %s}".formatted(words[0], conditions);
    }

    /// @param tenant empty for the host's own
    static Namespace namespace(String name, String tenant, String labels) {
        var namespace = of(Namespace.class, "metadata: {name: %s, labels: %s}".formatted(name, labels));
        if (!tenant.isEmpty()) {
            namespace.getMetadata().getLabels().put(InsulaKeys.TENANT, tenant);
        }
        return namespace;
    }

    /// Two named ports, `http` at 8080 and `other` at 8081.
    static Pod pod(String namespace, String name, String address, String labels) {
        return of(Pod.class, """
                metadata: {name: %s, namespace: %s, uid: %s-%s, labels: %s}
                spec: {containers: [{name: main, ports: [{name: http, containerPort: 8080}, {name: other, containerPort: 8081}]}]}
                status: {phase: Running, podIP: '%s'}
                """.formatted(name, namespace, namespace, name, labels, address));
    }

    /// @param isTenants whether the syncer wrote it
    static NetworkPolicy policy(String namespace, String name, boolean isTenants, String spec) {
        var policy = of(
                NetworkPolicy.class,
                "metadata: {name: %s, namespace: %s, labels: {}}\nspec: %s".formatted(name, namespace, spec));
        if (isTenants) {
            policy.getMetadata().getLabels().put(InsulaKeys.MANAGED_BY, InsulaKeys.SYNCER);
        }
        return policy;
    }

    /// Nothing but these, and pods of the host's own.
    static ClusterState state(List<Service> services, List<EndpointSlice> slices, Pod... pods) {
        return new ClusterState(
                services, slices, List.of(namespace("shop", "", "{}")), List.of(pods), List.of(), List.of());
    }

    static List<Service> services(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> service(
                        "s" + i,
                        "{clusterIP: 10.96.%d.%d, ports: [{name: http, port: 80}]}".formatted(i / 250, i % 250 + 1)))
                .toList();
    }
}
