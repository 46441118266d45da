package io.insula.tenantapi.webhook;

import java.net.InetAddress;

/// Which addresses a tenant's object may make this server call. What belongs to the machine that the server runs on, or
/// to
/// its link (where clouds keep the machine's credentials), is nobody's Service. Pure.
final class Addresses {

    private Addresses() {}

    /// @param literal an IP address
    static boolean isReachable(String literal) {
        try {
            InetAddress address = InetAddress.ofLiteral(literal);
            return !(address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || address.isLinkLocalAddress()
                    || address.isMulticastAddress());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
