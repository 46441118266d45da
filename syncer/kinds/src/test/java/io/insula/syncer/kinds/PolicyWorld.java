package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.insula.rules.network.AddressBlock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What gets through the host's policies to and from one pod. Where Kubernetes leaves it to the network plugin, the
/// plugin here lets more through: a block means pods too, and an IPv6 block the IPv4 addresses that it carries.
///
/// Source: Kubernetes API, `NetworkPolicySpec`; Kubernetes documentation, "Network Policies".
///
/// @param policies of the pod's host namespace
/// @param pod the pod's labels on the host
record PolicyWorld(List<NetworkPolicy> policies, Map<String, String> pod) {

    /// Somebody at an address.
    ///
    /// @param labels of a pod in the same host namespace; empty for others
    record Party(String address, Map<String, String> labels) {}

    boolean ingress(Party from, String protocol, int port) {
        return of("Ingress").noneMatch(_ -> true)
                || of("Ingress")
                        .flatMap(policy -> policy.getSpec().getIngress().stream())
                        .anyMatch(rule -> matches(rule.getFrom(), from) && at(rule.getPorts(), protocol, port));
    }

    boolean egress(Party to, String protocol, int port) {
        return of("Egress").noneMatch(_ -> true)
                || of("Egress")
                        .flatMap(policy -> policy.getSpec().getEgress().stream())
                        .anyMatch(rule -> matches(rule.getTo(), to) && at(rule.getPorts(), protocol, port));
    }

    private Stream<NetworkPolicy> of(String type) {
        return policies.stream()
                .filter(policy -> policy.getSpec().getPolicyTypes().contains(type)
                        && Selectors.matches(policy.getSpec().getPodSelector(), pod));
    }

    private static boolean matches(List<NetworkPolicyPeer> peers, Party party) {
        return peers.isEmpty() || peers.stream().anyMatch(peer -> matches(peer, party));
    }

    private static boolean matches(NetworkPolicyPeer peer, Party party) {
        if (peer.getIpBlock() != null) {
            return contains(peer.getIpBlock(), party.address());
        }
        // every namespace's pods: none of the host's policies may say so
        return peer.getNamespaceSelector() != null
                || (!party.labels().isEmpty() && Selectors.matches(peer.getPodSelector(), party.labels()));
    }

    private static boolean contains(IPBlock block, String text) {
        var cidr = AddressBlock.of(block.getCidr());
        var address = AddressBlock.address(text).orElseThrow();
        return means(cidr, address)
                && block.getExcept().stream().map(AddressBlock::of).noneMatch(except -> means(except, address));
    }

    private static boolean means(AddressBlock block, AddressBlock address) {
        return block.covers(address) || block.embedded().stream().anyMatch(each -> each.covers(address));
    }

    private static boolean at(List<NetworkPolicyPort> ports, String protocol, int port) {
        return PolicyPorts.cover(ports, protocol, port);
    }
}
