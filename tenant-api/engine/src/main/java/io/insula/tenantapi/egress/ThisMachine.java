package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;

/// The machine that this JVM runs on.
final class ThisMachine {

    private ThisMachine() {}

    /// Whether one of its interfaces has the address now; also where that cannot be found out.
    static boolean has(IpAddress address) {
        try {
            return NetworkInterface.getByInetAddress(InetAddress.getByAddress(address.bytes())) != null;
        } catch (IOException e) {
            return true;
        }
    }
}
