package io.insula.tenantapi.service;

import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import java.math.BigInteger;
import java.util.Optional;

/// An IPv4 network whose addresses, but for the first and the last, are given to Services. Immutable.
///
/// @param first the network's own address, as an unsigned 32-bit number
/// @param bits the prefix length, 8–30
record Ipv4Range(long first, int bits) {

    Ipv4Range {
        if (bits < 8 || bits > 30) {
            throw new IllegalArgumentException("bits: " + bits + " (expected: 8-30)");
        }
        first &= 0xffff_ffffL << (32 - bits);
    }

    /// @param cidr `10.96.0.0/12`
    static Ipv4Range parse(String cidr) {
        return AddressBlock.parse(cidr)
                .filter(AddressBlock::isIpv4)
                .map(Ipv4Range::of)
                .orElseThrow(() -> new IllegalArgumentException(
                        "cidr: " + cidr + " (expected: an IPv4 network such as 10.96.0.0/12)"));
    }

    /// The range of a ServiceCIDR's network; empty where it is of IPv6, or too small or too wide to be given from.
    static Optional<Ipv4Range> usable(String cidr) {
        return AddressBlock.parse(cidr)
                .filter(AddressBlock::isIpv4)
                .filter(block -> block.prefix() >= 8 && block.prefix() <= 30)
                .map(Ipv4Range::of);
    }

    private static Ipv4Range of(AddressBlock block) {
        return new Ipv4Range(block.first().longValueExact(), block.prefix());
    }

    /// Whether `text` is an IPv4 address.
    static boolean isAddress(String text) {
        return IpAddress.parse(text).filter(IpAddress::isIpv4).isPresent();
    }

    private static String text(long number) {
        return new IpAddress(BigInteger.valueOf(number), 32).toString();
    }

    /// How many addresses can be given.
    long size() {
        return (1L << (32 - bits)) - 2;
    }

    /// @param index 0 to `size() - 1`
    String address(long index) {
        return text(first + 1 + index);
    }

    boolean contains(String address) {
        return IpAddress.parse(address)
                .filter(IpAddress::isIpv4)
                .map(read -> read.number().longValueExact())
                .filter(n -> n > first && n <= first + size())
                .isPresent();
    }

    /// How many of the lowest addresses are kept for Services that name theirs. Source: kubernetes
    /// `ipallocator.calculateRangeOffset` (KEP-3070).
    long reserved() {
        long all = size() + 2;
        return all <= 16 ? 0 : Math.clamp(all / 16, 16L, 256L);
    }

    @Override
    public String toString() {
        return text(first) + "/" + bits;
    }
}
