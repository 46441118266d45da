package io.insula.tenantapi.webhook;

import io.insula.tenantapi.egress.Destination;
import io.insula.tenantapi.ports.ObjectClient;
import java.util.function.Supplier;

/// Where a Service of the tenant is reached from this server.
@FunctionalInterface
public interface ServiceResolver {

    /// One of its endpoints; whether that may be dialled is not asked here.
    ///
    /// @throws WebhookFailure when the Service is not there, has no such port or no ready endpoint
    Destination.At resolve(String namespace, String name, int port);

    /// By the Service's endpoints, as upstream with `--enable-aggregator-routing`: a cluster IP is only an address on
    /// the network of this server's machine, where anything might answer.
    ///
    /// @param pods who says which of them are of pods that really run
    static ServiceResolver byEndpoints(Supplier<ObjectClient> client, RunningPods pods) {
        return new ServiceEndpoints(client, pods);
    }
}
