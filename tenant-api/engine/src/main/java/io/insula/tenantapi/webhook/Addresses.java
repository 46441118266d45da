package io.insula.tenantapi.webhook;

import io.insula.rules.network.IpAddress;
import io.insula.rules.network.ReservedBlocks;
import java.net.InetAddress;

/// Which addresses a tenant's object may make this server call. What belongs to the machine that the server runs on, or
/// to its link (where clouds keep the machine's credentials), is nobody's Service and nobody's webhook. Pure.
public final class Addresses {

    private Addresses() {}

    /// @param literal an IP address
    static boolean isReachable(String literal) {
        return IpAddress.parse(literal)
                .filter(address -> !ReservedBlocks.cover(address))
                .isPresent();
    }

    /// Whether a tenant may be served from there.
    public static boolean isReachable(InetAddress address) {
        return !ReservedBlocks.cover(IpAddress.of(address.getAddress()));
    }
}
