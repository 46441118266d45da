package io.insula.tenantapi.cel.library;

import io.insula.rules.network.IpAddress;

/// An IPv4 or IPv6 address, as CEL has it. Its text is the canonical one (RFC 5952).
public record Ip(IpAddress address) {

    /// @throws FunctionFailure for what is no address, has a zone, or is IPv4 in IPv6
    static Ip parse(String text) {
        int zone = text.indexOf('%');
        var address = IpAddress.parse(zone < 0 ? text : text.substring(0, zone))
                .orElseThrow(() -> new FunctionFailure("IP Address \"" + text
                        + "\" parse error during conversion from string: ParseAddr(\"" + text
                        + "\"): unable to parse IP"));
        if (zone >= 0) {
            throw new FunctionFailure("IP address \"" + text + "\" with zone value is not allowed");
        }
        if (address.isMapped()) {
            throw new FunctionFailure("IPv4-mapped IPv6 address \"" + text + "\" is not allowed");
        }
        return new Ip(address);
    }

    long family() {
        return address.isIpv4() ? 4 : 6;
    }

    boolean isGlobalUnicast() {
        boolean broadcast = address.isIpv4() && address.number().bitCount() == 32;
        return !broadcast
                && !address.isUnspecified()
                && !address.isLoopback()
                && !address.isMulticast()
                && !address.isLinkLocal();
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
