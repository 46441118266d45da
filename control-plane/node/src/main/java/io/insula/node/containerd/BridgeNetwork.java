package io.insula.node.containerd;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The network of a node's pods: one bridge of our own, addresses by CNI's `host-local`. No address is translated and
/// no packet filtered by it: iptables is not touched.
///
/// @param bridge the device's name, at most 15 characters; nothing else may have it
/// @param subnet the pods' addresses, e.g. `10.88.0.0/24`; its first is the bridge's
public record BridgeNetwork(String bridge, String subnet) {

    private static final Pattern DEVICE = Pattern.compile("[a-z][a-z0-9-]{0,14}");
    private static final Pattern SUBNET = Pattern.compile("[0-9.]+/[0-9]{1,2}");

    public BridgeNetwork {
        if (!DEVICE.matcher(bridge).matches()) {
            throw new IllegalArgumentException("bridge: " + bridge + " (expected: a device's name, ≤ 15 characters)");
        }
        if (!SUBNET.matcher(subnet).matches()) {
            throw new IllegalArgumentException("subnet: " + subnet + " (expected: such as 10.88.0.0/24)");
        }
    }

    /// CNI's configuration. Source: CNI Specification 1.0.0, "Network configuration format".
    ///
    /// @param leases where `host-local` remembers who has which address
    String configuration(Path leases) {
        return Serialization.asJson(Map.of(
                "cniVersion",
                "1.0.0",
                "name",
                bridge,
                "plugins",
                List.of(Map.of(
                        "type",
                        "bridge",
                        "bridge",
                        bridge,
                        "isGateway",
                        true,
                        "ipMasq",
                        false,
                        "hairpinMode",
                        true,
                        "ipam",
                        Map.of(
                                "type", "host-local",
                                "dataDir", leases.toString(),
                                "ranges", List.of(List.of(Map.of("subnet", subnet))),
                                "routes", List.of(Map.of("dst", "0.0.0.0/0")))))));
    }
}
