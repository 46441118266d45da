package io.insula.tenantapi.service;

import com.google.re2j.Pattern;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/// An IPv4 or IPv6 network in CIDR form, `10.96.0.0/12`. Immutable.
///
/// @param first the network's own address, as an unsigned number
/// @param bits the prefix length, 0 to `width`
/// @param width 32 or 128
public record IpNetwork(BigInteger first, int bits, int width) {

    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
    private static final Pattern LENGTH = Pattern.compile("0|[1-9][0-9]{0,2}");

    /// @return empty when `cidr` is none; bits behind the prefix are dropped
    public static Optional<IpNetwork> parse(String cidr) {
        int slash = cidr.indexOf('/');
        if (slash < 0 || !LENGTH.matcher(cidr.substring(slash + 1)).matches()) {
            return Optional.empty();
        }
        String address = cidr.substring(0, slash);
        int width = address.contains(":") ? 128 : 32;
        int bits = Integer.parseInt(cidr.substring(slash + 1));
        if (bits > width) {
            return Optional.empty();
        }
        return number(address).map(n -> new IpNetwork(masked(n, bits, width), bits, width));
    }

    public boolean isIpv4() {
        return width == 32;
    }

    /// Whether `address` is in this network; false where it is none or of the other family.
    public boolean contains(String address) {
        return address.contains(":") != isIpv4()
                && number(address)
                        .filter(n -> masked(n, bits, width).equals(first))
                        .isPresent();
    }

    /// Whether every address of `other` is one of this network.
    public boolean contains(IpNetwork other) {
        return width == other.width
                && bits <= other.bits
                && masked(other.first, bits, width).equals(first);
    }

    private static BigInteger masked(BigInteger number, int bits, int width) {
        return number.shiftRight(width - bits).shiftLeft(width - bits);
    }

    private static Optional<BigInteger> number(String address) {
        if (!address.contains(":")) {
            return Ipv4Range.number(address).map(BigInteger::valueOf);
        }
        if (!V6.matcher(address).matches()) {
            return Optional.empty();
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            // an IPv4-mapped address comes back as IPv4
            return Optional.of(new BigInteger(1, bytes)).filter(_ -> bytes.length == 16);
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
