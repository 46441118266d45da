package io.insula.tenantapi.egress;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Optional;
import java.util.stream.Stream;

/// Where no tenant may lead its API server, in every spelling; for the attacks of all modules.
public final class Forbidden {

    /// What every refusal says.
    public static final String REFUSAL = "is not reachable from a tenant's API server";

    private Forbidden() {}

    /// One or more of each class.
    public static Stream<String> addresses() {
        return Stream.concat(
                Stream.of(
                        // loopback
                        "127.0.0.1",
                        "127.9.8.7",
                        "::1",
                        // unspecified
                        "0.0.0.0",
                        "::",
                        // link-local
                        "169.254.1.1",
                        "fe80::1",
                        // metadata services
                        "169.254.169.254",
                        "100.100.100.200",
                        "168.63.129.16",
                        "fd00:ec2::254",
                        // groups and what is nobody's
                        "224.0.0.1",
                        "ff02::1",
                        "255.255.255.255",
                        // private
                        "10.0.0.1",
                        "10.96.0.1",
                        "172.16.0.1",
                        "172.31.255.254",
                        "192.168.1.1",
                        "100.64.0.1",
                        "fd12:3456::1",
                        // simulated
                        "198.18.0.5",
                        "198.19.255.254",
                        // of IPv4 in IPv6
                        "::ffff:127.0.0.1",
                        "::ffff:7f00:1",
                        "::ffff:169.254.169.254",
                        "::ffff:10.0.0.1",
                        "::ffff:198.18.0.5",
                        "::127.0.0.1",
                        "64:ff9b::127.0.0.1",
                        "64:ff9b::10.0.0.1",
                        "64:ff9b:1::1",
                        "2002:7f00:1::1",
                        "2002:a9fe:a9fe::1"),
                ofThisMachine().stream());
    }

    /// As the host of a URL, where there are more ways to say the same.
    public static Stream<String> hosts() {
        return Stream.concat(
                addresses().map(address -> address.contains(":") ? "[" + address + "]" : address),
                Stream.of(
                        "localhost",
                        "LOCALHOST",
                        "user@localhost",
                        "user@127.0.0.1",
                        "2130706433",
                        "127.1",
                        "127.0.1",
                        "0177.0.0.1",
                        "0x7f.0.0.1",
                        "0x7f000001",
                        "017700000001",
                        "127.0.0.1.",
                        "010.0.0.1",
                        "[0:0:0:0:0:0:0:1]",
                        "[::1%25lo]",
                        "[fe80::1%25eth0]"));
    }

    /// One by which others reach it; empty where it has none.
    public static Optional<String> ofThisMachine() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
                    .map(InetAddress::getHostAddress)
                    .findFirst();
        } catch (SocketException e) {
            throw new AssertionError(e);
        }
    }
}
