package io.insula.tenantapi.cel.library;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;

/// An address with the length of its network's prefix.
public record Cidr(Ip ip, int bits) {

    /// @throws FunctionFailure for what is no CIDR
    static Cidr parse(String text) {
        int slash = text.lastIndexOf('/');
        if (slash < 0) {
            throw broken(text, "no '/'");
        }
        var address = IpAddress.parse(text.substring(0, slash)).orElseThrow(() -> broken(text, "unable to parse IP"));
        String length = text.substring(slash + 1);
        int bits =
                AddressBlock.prefix(length).orElseThrow(() -> broken(text, "bad bits after slash: \"" + length + "\""));
        if (bits > address.width()) {
            throw broken(text, "prefix length out of range");
        }
        if (address.isMapped()) {
            throw new FunctionFailure("network address parse error during conversion from string:"
                    + " IPv4-mapped IPv6 address \"" + text + "\" is not allowed");
        }
        return new Cidr(new Ip(address), bits);
    }

    private static FunctionFailure broken(String text, String why) {
        return new FunctionFailure("network address parse error during conversion from string: network address parse"
                + " error during conversion from string: netip.ParsePrefix(\"" + text + "\"): " + why);
    }

    boolean contains(Ip other) {
        return block().covers(other.address());
    }

    boolean contains(Cidr other) {
        return block().covers(other.block());
    }

    Cidr masked() {
        return new Cidr(new Ip(new IpAddress(block().first(), ip.address().width())), bits);
    }

    private AddressBlock block() {
        return new AddressBlock(ip.address().number(), bits, ip.address().width());
    }

    @Override
    public String toString() {
        return ip + "/" + bits;
    }
}
