package io.insula.node.containerd;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.network.PodNetwork;
import io.insula.node.network.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/// How containerd has pods joined to their router: CNI's `ptp` and `host-local`, run inside the router's network
/// namespace. No address is translated and no packet filtered by them: iptables is not touched. Stateless.
final class PodCables {

    private static final String PLUGIN = "ptp";

    private PodCables() {}

    static void write(ContainerdFiles files, Programs programs, PodNetwork network) throws IOException {
        Files.writeString(files.network().resolve("10-insula.conflist"), configuration(network, files.leases()));
        for (String plugin : List.of("host-local", "loopback")) {
            Path link = files.plugins().resolve(plugin);
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, programs.cni().resolve(plugin));
        }
        Path wrapper = files.plugins().resolve(PLUGIN);
        Files.writeString(
                wrapper, """
                #!/bin/sh
                # CNI lays a pod's cable to the namespace that the plugin runs in
                exec nsenter --net="%s" "%s" "$@"
                """.formatted(Router.namespace(network), programs.cni().resolve(PLUGIN)));
        Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// Source: CNI Specification 1.0.0, "Network configuration format".
    ///
    /// @param leases where `host-local` remembers who has which address
    private static String configuration(PodNetwork network, Path leases) {
        Map<String, String> range = Map.of(
                "subnet", network.subnet(),
                "rangeStart", network.firstPod(),
                "rangeEnd", network.lastPod(),
                "gateway", network.gateway());
        Map<String, Object> addresses = Map.of(
                "type",
                "host-local",
                "dataDir",
                leases.toString(),
                "ranges",
                List.of(List.of(range)),
                "routes",
                List.of(Map.of("dst", "0.0.0.0/0")));
        return Serialization.asJson(Map.of(
                "cniVersion",
                "1.0.0",
                "name",
                network.device(),
                "plugins",
                List.of(Map.of("type", PLUGIN, "ipMasq", false, "ipam", addresses))));
    }
}
