package io.insula.rules.network;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A block of IP addresses, or one address, compared as numbers. Immutable.
///
/// Read strictly, as [IpAddress] is. An IPv6 address that embeds an IPv4 address stays one of IPv6 ([#embedded] tells
/// the other).
///
/// @param first the lowest address, as an unsigned number
/// @param prefix how many leading bits all its addresses share
/// @param width 32 or 128
public record AddressBlock(BigInteger first, int prefix, int width) {

    /// Where IPv6 addresses carry one of IPv4.
    ///
    /// @param block which addresses do
    /// @param offset the first bit of the IPv4 address
    /// @param inverted whether its bits are turned round
    private record Embedding(AddressBlock block, int offset, boolean inverted) {

        static final AddressBlock NAT64 = AddressBlock.of("64:ff9b::/96");

        /// IPv4-compatible and IPv4-mapped (RFC 4291, 2.5.5), IPv4-translated (RFC 2765, 2.1), NAT64 (RFC 6052,
        /// 2.1), 6to4 (RFC 3056, 2), Teredo's server and client (RFC 4380, 4).
        static final List<Embedding> ALL = List.of(
                new Embedding(AddressBlock.of("::/96"), 96, false),
                new Embedding(AddressBlock.of("::ffff:0:0/96"), 96, false),
                new Embedding(AddressBlock.of("::ffff:0:0:0/96"), 96, false),
                new Embedding(NAT64, 96, false),
                new Embedding(AddressBlock.of("2002::/16"), 16, false),
                new Embedding(AddressBlock.of("2001::/32"), 32, false),
                new Embedding(AddressBlock.of("2001::/32"), 96, true));

        /// The IPv4 addresses that the IPv6 addresses of `inner` carry.
        private Stream<AddressBlock> read(AddressBlock inner) {
            if (!block.covers(inner)) {
                return Stream.empty();
            }
            var mask = BigInteger.ONE.shiftLeft(32).subtract(BigInteger.ONE);
            var bits = inner.first().shiftRight(128 - 32 - offset).and(mask);
            int length = Math.clamp(inner.prefix() - offset, 0, 32);
            return Stream.of(new AddressBlock(inverted ? bits.xor(mask) : bits, length, 32));
        }
    }

    public AddressBlock {
        if ((width != 32 && width != 128) || prefix < 0 || prefix > width || first.bitLength() > width) {
            throw new IllegalArgumentException("block: " + first + "/" + prefix + " of " + width + " bits");
        }
        first = masked(first, prefix, width);
    }

    /// @throws IllegalArgumentException for what is no block in CIDR notation
    public static AddressBlock of(String cidr) {
        return parse(cidr)
                .orElseThrow(() -> new IllegalArgumentException(
                        "addresses: " + cidr + " (expected: a block such as 10.244.0.0/16 or fd00:10::/64)"));
    }

    /// A block in CIDR notation; empty for anything else. Bits behind the prefix are dropped.
    public static Optional<AddressBlock> parse(String cidr) {
        int slash = cidr.indexOf('/');
        return slash < 0
                ? Optional.empty()
                : IpAddress.parse(cidr.substring(0, slash))
                        .flatMap(address -> around(address, cidr.substring(slash + 1)));
    }

    /// The block of one address; empty for what is none.
    public static Optional<AddressBlock> address(String text) {
        return IpAddress.parse(text).map(AddressBlock::of);
    }

    /// The block of one address.
    public static AddressBlock of(IpAddress address) {
        return new AddressBlock(address.number(), address.width(), address.width());
    }

    private static Optional<AddressBlock> around(IpAddress address, String length) {
        return prefix(length)
                .filter(prefix -> prefix <= address.width())
                .map(prefix -> new AddressBlock(address.number(), prefix, address.width()));
    }

    /// A prefix length as CIDR notation has it, up to three digits without leading zeros; empty for anything else.
    public static Optional<Integer> prefix(String text) {
        boolean digits = !text.isEmpty()
                && text.length() <= 3
                && text.chars().allMatch(c -> c >= '0' && c <= '9')
                && (text.length() == 1 || text.charAt(0) != '0');
        return digits ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    }

    /// Whether every address of `inner` is one of this block.
    public boolean covers(AddressBlock inner) {
        return width == inner.width && prefix <= inner.prefix && first.equals(masked(inner.first, prefix, width));
    }

    public boolean covers(IpAddress address) {
        return covers(of(address));
    }

    public boolean overlaps(AddressBlock other) {
        return covers(other) || other.covers(this);
    }

    public boolean isIpv4() {
        return width == 32;
    }

    /// The IPv4 addresses that all addresses of this block carry; empty where they carry none.
    public List<AddressBlock> embedded() {
        return isIpv4()
                ? List.of()
                : Embedding.ALL.stream().flatMap(each -> each.read(this)).toList();
    }

    /// These IPv4 addresses as a translator to IPv6 shows them.
    public AddressBlock throughNat64() {
        if (!isIpv4()) {
            throw new IllegalStateException("not of IPv4: " + this);
        }
        return new AddressBlock(Embedding.NAT64.first.or(first), 96 + prefix, 128);
    }

    /// The same addresses in as few blocks as can be, in order.
    public static List<AddressBlock> merged(Collection<AddressBlock> blocks) {
        var merged = new ArrayList<AddressBlock>();
        blocks.stream()
                .sorted(Comparator.comparingInt(AddressBlock::width)
                        .thenComparing(AddressBlock::first)
                        .thenComparingInt(AddressBlock::prefix))
                .forEach(block -> {
                    if (merged.isEmpty() || !merged.getLast().covers(block)) {
                        merged.add(block);
                        joinHalves(merged);
                    }
                });
        return List.copyOf(merged);
    }

    private static void joinHalves(List<AddressBlock> merged) {
        while (merged.size() > 1) {
            var high = merged.getLast();
            var low = merged.get(merged.size() - 2);
            boolean halves = high.width == low.width && high.prefix == low.prefix && high.prefix > 0;
            var whole = halves ? new AddressBlock(low.first, low.prefix - 1, low.width) : low;
            if (!halves || !whole.covers(high)) {
                return;
            }
            merged.removeLast();
            merged.set(merged.size() - 1, whole);
        }
    }

    private static BigInteger masked(BigInteger number, int prefix, int width) {
        return number.shiftRight(width - prefix).shiftLeft(width - prefix);
    }

    /// In CIDR notation.
    @Override
    public String toString() {
        return new IpAddress(first, width) + "/" + prefix;
    }
}
