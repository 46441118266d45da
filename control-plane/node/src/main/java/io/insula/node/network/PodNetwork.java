package io.insula.node.network;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.math.BigInteger;
import java.util.regex.Pattern;

/// The addresses of the pods of one machine, and what leads to them. The last eight addresses of the subnet are no
/// pod's: two of them are the ends of the cable between the machine and the pods' router. Immutable.
///
/// @param device name of the machine's end of that cable, at most 15 characters, and of the router's network
///     namespace; nothing else may have it
/// @param subnet the pods' addresses, e.g. `10.88.0.0/24`; its first is the router's towards pods
public record PodNetwork(String device, String subnet) {

    /// How the device of every node begins: so they know each other on one machine.
    public static final String DEVICES = "insula";

    /// Label of nodes: the device of their pods' network, by which those on one machine find each other.
    public static final String LABEL = "insula.io/pod-network";

    private static final Pattern DEVICE = Pattern.compile("[a-z][a-z0-9-]{0,14}");
    private static final int SMALLEST = 28;
    private static final int KEPT = 8;

    public PodNetwork {
        if (!DEVICE.matcher(device).matches()) {
            throw new IllegalArgumentException("device: " + device + " (expected: a device's name, ≤ 15 characters)");
        }
        boolean readable = AddressBlock.parse(subnet)
                .filter(block -> block.isIpv4() && block.prefix() <= SMALLEST && block.prefix() >= 8)
                .isPresent();
        if (!readable) {
            throw new IllegalArgumentException("subnet: " + subnet + " (expected: such as 10.88.0.0/24, up to /28)");
        }
    }

    public AddressBlock block() {
        return AddressBlock.of(subnet);
    }

    /// The router as pods see it.
    public String gateway() {
        return address(1);
    }

    public String firstPod() {
        return address(2);
    }

    public String lastPod() {
        return address(size() - 1 - KEPT);
    }

    /// The router as the machine sees it.
    public String router() {
        return address(size() - 3);
    }

    /// The machine as pods see it.
    public String machine() {
        return address(size() - 2);
    }

    /// Of a place beyond the machine, where there is one for a moment.
    String beyond() {
        return address(size() - 4);
    }

    private long size() {
        return 1L << (32 - block().prefix());
    }

    private String address(long index) {
        return new IpAddress(block().first().add(BigInteger.valueOf(index)), 32).toString();
    }
}
