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

    /// The address listened on. For a server that listens everywhere or on loopback, the first address of the
    /// machine that is neither loopback nor its link's: so does upstream's API server, whose endpoints must name
    /// an address. Empty where the machine has none.
    ///
    /// Source: k8s.io/apimachinery `util/net.ResolveBindAddress`.
    static Optional<String> of(String listenAddress) {
        if (!isLocal(listenAddress)) {
            return Optional.of(listenAddress);
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

    private static boolean isLocal(String address) {
        return address.equals(EVERYWHERE)
                || address.startsWith("127.")
                || address.equals("localhost")
                || address.equals("::")
                || address.equals("::1")
                || address.equals("[::1]");
    }
}
