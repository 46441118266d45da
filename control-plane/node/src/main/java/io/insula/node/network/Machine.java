package io.insula.node.network;

import java.net.Inet4Address;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.TreeSet;

/// What this machine's network is. Stateless.
final class Machine {

    private Machine() {}

    /// Its IPv4 addresses at this moment, without those of loopback.
    ///
    /// @param cable the device to the pods, whose addresses are not meant
    static List<String> addresses(String cable) {
        var all = new TreeSet<String>();
        try {
            for (NetworkInterface device : NetworkInterface.networkInterfaces().toList()) {
                if (device.getName().equals(cable)) {
                    continue;
                }
                for (InterfaceAddress address : device.getInterfaceAddresses()) {
                    if (address.getAddress() instanceof Inet4Address own && !own.isLoopbackAddress()) {
                        all.add(own.getHostAddress());
                    }
                }
            }
        } catch (SocketException e) {
            throw new NetworkException("cannot tell this machine's addresses", e);
        }
        return List.copyOf(all);
    }
}
