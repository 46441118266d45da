package io.insula.host.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.tunnel.Dial;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLContext;

/// Where nodes serve.
final class NodePeers {

    /// Source: kubernetes/kubernetes, `--kubelet-preferred-address-types`, as kubeadm sets it.
    private static final List<String> ADDRESSES = List.of("InternalIP", "ExternalIP", "Hostname");

    private NodePeers() {}

    /// @return empty for a node that serves nothing
    static Optional<Dial.Peer> of(ObjectNode node, Supplier<SSLContext> identity) {
        JsonNode status = node.path("status");
        int port = status.path("daemonEndpoints")
                .path("kubeletEndpoint")
                .path("Port")
                .asInt();
        if (port == 0) {
            return Optional.empty();
        }
        return ADDRESSES.stream()
                .flatMap(type -> StreamSupport.stream(status.path("addresses").spliterator(), false)
                        .filter(address -> address.path("type").asText().equals(type)))
                .map(address -> address.path("address").asText())
                .findFirst()
                .map(host -> new Dial.Peer(host, port, Optional.of(identity.get())));
    }
}
