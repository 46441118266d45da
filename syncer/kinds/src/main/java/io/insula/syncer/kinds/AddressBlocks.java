package io.insula.syncer.kinds;

import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Optional;

/// Address blocks in CIDR notation, compared as numbers.
final class AddressBlocks {

    /// @param bits of the address family, 32 or 128
    private record Block(BigInteger first, int prefix, int bits) {}

    private AddressBlocks() {}

    /// Whether every address of `inner` is in `outer`; false if they are not of one family, or not blocks at
    /// all.
    static boolean covers(String outer, String inner) {
        var all = parse(outer);
        var part = parse(inner);
        return all.isPresent()
                && part.isPresent()
                && all.get().bits() == part.get().bits()
                && all.get().prefix() <= part.get().prefix()
                && all.get()
                        .first()
                        .equals(mask(
                                part.get().first(),
                                all.get().prefix(),
                                all.get().bits()));
    }

    static boolean contains(String block, String address) {
        return covers(block, address + (address.contains(":") ? "/128" : "/32"));
    }

    private static Optional<Block> parse(String cidr) {
        int slash = cidr.indexOf('/');
        // only literals: a name would be looked up
        if (slash < 0 || !cidr.matches("[0-9a-fA-F.:]+/[0-9]{1,3}")) {
            return Optional.empty();
        }
        try {
            var address = InetAddress.ofLiteral(cidr.substring(0, slash));
            int bits = address instanceof Inet4Address ? 32 : 128;
            int prefix = Integer.parseInt(cidr.substring(slash + 1));
            return prefix > bits
                    ? Optional.empty()
                    : Optional.of(new Block(mask(new BigInteger(1, address.getAddress()), prefix, bits), prefix, bits));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static BigInteger mask(BigInteger address, int prefix, int bits) {
        return address.shiftRight(bits - prefix).shiftLeft(bits - prefix);
    }
}
