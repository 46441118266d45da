package io.insula.controlplane.cluster;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;

/// At which address pods reach a server of this machine.
final class ReachableAddress {

    private static final String EVERYWHERE = "0.0.0.0";

    private ReachableAddress() {}

    /// Empty for a server that listens on loopback only: no pod reaches it. For one that listens everywhere,
    /// the first address of the machine that is not loopback, as upstream's API server chooses it.
    static Optional<String> of(String listenAddress) {
        if (!listenAddress.equals(EVERYWHERE)) {
            return listenAddress.startsWith("127.") || listenAddress.contains(":")
                    ? Optional.empty()
                    : Optional.of(listenAddress);
        }
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet4Address
                            && !address.isLoopbackAddress()
                            && !address.isLinkLocalAddress())
                    .map(InetAddress::getHostAddress)
                    .findFirst();
        } catch (SocketException e) {
            return Optional.empty();
        }
    }
}
