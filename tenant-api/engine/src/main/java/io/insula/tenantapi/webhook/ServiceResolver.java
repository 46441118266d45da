package io.insula.tenantapi.webhook;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/// Where a Service of the tenant is reached from this server.
@FunctionalInterface
public interface ServiceResolver {

    /// An address with a literal IP.
    ///
    /// @throws WebhookFailure when the Service is not there or has no such port
    InetSocketAddress resolve(String namespace, String name, int port);

    /// By the Service's cluster IP, as upstream's default. Source: kube-aggregator, `pkg/apiserver/resolvers.go`.
    static ServiceResolver byClusterIp(Supplier<ObjectClient> client) {
        var services = new GroupVersionResource("", "v1", "services");
        return (namespace, name, port) -> {
            JsonNode service = client.get()
                    .get(services, namespace, name)
                    .orElseThrow(() -> new WebhookFailure("service \"" + name + "\" not found"));
            JsonNode spec = service.path("spec");
            String address = spec.path("clusterIP").asText("");
            if (address.isEmpty() || address.equals("None") || !Addresses.isReachable(address)) {
                throw new WebhookFailure(
                        "unsupported service type \"" + spec.path("type").asText() + "\"");
            }
            for (JsonNode declared : spec.path("ports")) {
                if (declared.path("port").asInt() == port) {
                    return new InetSocketAddress(address, port);
                }
            }
            throw new WebhookFailure("no service port " + port + " found for service \"" + name + "\"");
        };
    }
}
