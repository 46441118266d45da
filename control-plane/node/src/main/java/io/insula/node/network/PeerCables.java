package io.insula.node.network;

import io.fabric8.kubernetes.api.model.Node;
import io.insula.rules.network.AddressBlock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cables between the routers of those nodes of one cluster that are on this machine: their pods reach each other past
/// the machine and its firewall, and keep their addresses. Either node lays it. Confined to one thread.
///
/// What a node says of itself decides only where a cable goes, not who may use it: a router takes from a cable what
/// comes from its own cluster's pods, and gives nothing on.
final class PeerCables {

    /// How devices of these cables begin.
    static final String PREFIX = "to-";

    private static final Logger LOG = LoggerFactory.getLogger(PeerCables.class);
    /// Each step may have been done by the other node, or by an earlier start.
    private static final String LAY = """
            one=$1 oneRouter=$2 oneSubnet=$3 other=$4 otherRouter=$5 otherSubnet=$6 there=$7 back=$8
            if ! ip -n $one link show dev $there >/dev/null 2>&1; then
              ip -n $other link delete $back >/dev/null 2>&1 || true
              ip -n $one link add $there type veth peer name $back netns $other \\
                || ip -n $one link show dev $there >/dev/null
            fi
            end() {
              ip -n $1 address replace $3/32 dev $2
              ip -n $1 link set $2 up
              ip -n $1 route replace $4/32 dev $2 scope link src $3
              ip -n $1 route replace $5 via $4 dev $2 src $3
            }
            end $one $there $oneRouter $otherRouter $otherSubnet
            end $other $back $otherRouter $oneRouter $oneSubnet
            """;

    private final PodNetwork own;
    private final Map<String, Object> laid = new HashMap<>();

    PeerCables(PodNetwork own) {
        this.own = own;
    }

    /// The networks of the cluster's nodes that say theirs, whatever machine they are on.
    static List<PodNetwork> peers(ClusterState state, PodNetwork own) {
        return state.nodes().stream()
                .flatMap(node -> network(node).stream())
                .filter(peer ->
                        !peer.device().equals(own.device()) && !peer.block().overlaps(own.block()))
                .distinct()
                .toList();
    }

    private static Optional<PodNetwork> network(Node node) {
        Map<String, String> labels = node.getMetadata().getLabels();
        String device = labels == null ? "" : labels.getOrDefault(PodNetwork.LABEL, "");
        String subnet = node.getSpec() == null ? null : node.getSpec().getPodCIDR();
        if (!device.startsWith(PodNetwork.DEVICES)
                || subnet == null
                || AddressBlock.parse(subnet).isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PodNetwork(device, subnet));
        } catch (IllegalArgumentException e) {
            LOG.atDebug().addKeyValue("name", device).setCause(e).log("a node's network is none of ours");
            return Optional.empty();
        }
    }

    /// Lays what is missing to those that are on this machine.
    void lay(List<PodNetwork> peers) {
        for (PodNetwork peer : peers) {
            Optional<Object> router = identity(Router.namespace(peer));
            if (router.isPresent() && !router.get().equals(laid.get(peer.device()))) {
                lay(peer);
                laid.put(peer.device(), router.get());
            }
        }
    }

    private void lay(PodNetwork peer) {
        Shell.script(
                LAY,
                own.device(),
                own.router(),
                own.subnet(),
                peer.device(),
                peer.router(),
                peer.subnet(),
                cable(peer),
                cable(own));
    }

    private static String cable(PodNetwork to) {
        var sum = new CRC32();
        sum.update(to.device().getBytes(StandardCharsets.UTF_8));
        return PREFIX + Long.toHexString(sum.getValue());
    }

    /// Another after each start of the machine, or of the node.
    private static Optional<Object> identity(Path namespace) {
        try {
            return Optional.ofNullable(
                    Files.readAttributes(namespace, BasicFileAttributes.class).fileKey());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
