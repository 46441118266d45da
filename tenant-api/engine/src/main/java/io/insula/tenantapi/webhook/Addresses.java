package io.insula.tenantapi.webhook;

import java.net.InetAddress;

/// Which addresses a tenant's object may make this server call. What belongs to the machine that the server runs on, or
/// to its link (where clouds keep the machine's credentials), is nobody's Service and nobody's webhook. Pure.
public final class Addresses {

    private Addresses() {}

    /// @param literal an IP address
    static boolean isReachable(String literal) {
        try {
            return isReachable(InetAddress.ofLiteral(literal));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// Whether a tenant may be served from there.
    public static boolean isReachable(InetAddress address) {
        return !(address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isMulticastAddress());
    }
}
