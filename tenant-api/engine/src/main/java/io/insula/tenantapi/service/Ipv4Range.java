package io.insula.tenantapi.service;

import java.util.Optional;
import java.util.regex.Pattern;

/// An IPv4 network whose addresses, but for the first and the last, are given to Services. Immutable.
///
/// @param first the network's own address, as an unsigned 32-bit number
/// @param bits the prefix length, 8–30
record Ipv4Range(long first, int bits) {

    private static final Pattern ADDRESS = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

    Ipv4Range {
        if (bits < 8 || bits > 30) {
            throw new IllegalArgumentException("bits: " + bits + " (expected: 8-30)");
        }
        first &= 0xffff_ffffL << (32 - bits);
    }

    /// @param cidr `10.96.0.0/12`
    static Ipv4Range parse(String cidr) {
        int slash = cidr.indexOf('/');
        long address = slash < 0 ? -1 : number(cidr.substring(0, slash)).orElse(-1L);
        if (address < 0) {
            throw new IllegalArgumentException("cidr: " + cidr + " (expected: an IPv4 network such as 10.96.0.0/12)");
        }
        return new Ipv4Range(address, Integer.parseInt(cidr.substring(slash + 1)));
    }

    /// The range of a ServiceCIDR's network; empty where it is of IPv6, or too small or too wide to be given from.
    static Optional<Ipv4Range> usable(String cidr) {
        return IpNetwork.parse(cidr)
                .filter(IpNetwork::isIpv4)
                .filter(network -> network.bits() >= 8 && network.bits() <= 30)
                .map(network -> new Ipv4Range(network.first().longValueExact(), network.bits()));
    }

    /// The number of an address; empty when `text` is none (leading zeros are not taken).
    static Optional<Long> number(String text) {
        var match = ADDRESS.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        long number = 0;
        for (int i = 1; i <= 4; i++) {
            String part = match.group(i);
            int value = Integer.parseInt(part);
            if (value > 255 || (part.length() > 1 && part.startsWith("0"))) {
                return Optional.empty();
            }
            number = number << 8 | value;
        }
        return Optional.of(number);
    }

    static String text(long number) {
        return (number >> 24 & 255) + "." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
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
        return number(address).filter(n -> n > first && n <= first + size()).isPresent();
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
