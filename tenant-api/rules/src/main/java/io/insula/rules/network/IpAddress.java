package io.insula.rules.network;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An IPv4 or IPv6 address, read strictly. Immutable.
///
/// Four decimal numbers without leading zeros, or the forms of RFC 4291; no names, no zones, no brackets, no shorter
/// forms of IPv4. An IPv6 address that embeds an IPv4 address stays one of IPv6: what it stands for tell [#unmapped]
/// and [AddressBlock#embedded].
///
/// @param number unsigned
/// @param width 32 or 128
public record IpAddress(BigInteger number, int width) {

    private static final int LONGEST = "0000:0000:0000:0000:0000:0000:255.255.255.255".length();
    private static final int GROUPS = 8;

    public IpAddress {
        if ((width != 32 && width != 128) || number.signum() < 0 || number.bitLength() > width) {
            throw new IllegalArgumentException("address: " + number + " of " + width + " bits");
        }
    }

    /// Empty for what is no address.
    public static Optional<IpAddress> parse(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        long number = text.indexOf(':') < 0 ? ipv4(text) : -1;
        return number >= 0 ? Optional.of(new IpAddress(BigInteger.valueOf(number), 32)) : ipv6(text);
    }

    /// @param bytes 4 or 16
    public static IpAddress of(byte[] bytes) {
        return new IpAddress(new BigInteger(1, bytes), bytes.length * 8);
    }

    /// -1 for what is none.
    private static long ipv4(String text) {
        long number = 0;
        int parts = 0;
        int start = 0;
        while (true) {
            int dot = text.indexOf('.', start);
            int part = part(text, start, dot < 0 ? text.length() : dot);
            if (part < 0) {
                return -1;
            }
            number = number << 8 | part;
            parts++;
            if (dot < 0 || parts > 4) {
                return parts == 4 ? number : -1;
            }
            start = dot + 1;
        }
    }

    private static int part(String text, int start, int end) {
        int length = end - start;
        if (length < 1 || length > 3 || (length > 1 && text.charAt(start) == '0')) {
            return -1;
        }
        int part = 0;
        for (int i = start; i < end; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            part = part * 10 + digit;
        }
        return part > 255 ? -1 : part;
    }

    private static Optional<IpAddress> ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return groups(text, true).filter(all -> all.size() == GROUPS).map(IpAddress::of);
        }
        var head = groups(text.substring(0, gap), false);
        var tail = groups(text.substring(gap + 2), true);
        if (head.isEmpty() || tail.isEmpty() || head.get().size() + tail.get().size() >= GROUPS) {
            return Optional.empty();
        }
        var all = new ArrayList<>(head.get());
        while (all.size() + tail.get().size() < GROUPS) {
            all.add(0);
        }
        all.addAll(tail.get());
        return Optional.of(of(all));
    }

    private static IpAddress of(List<Integer> groups) {
        var number = BigInteger.ZERO;
        for (int group : groups) {
            number = number.shiftLeft(16).or(BigInteger.valueOf(group));
        }
        return new IpAddress(number, 128);
    }

    /// The 16-bit groups of a text without a gap; empty where it is malformed.
    ///
    /// @param last whether the last one may be an IPv4 address, which is two
    private static Optional<List<Integer>> groups(String text, boolean last) {
        List<Integer> found = new ArrayList<>();
        if (text.isEmpty()) {
            return Optional.of(found);
        }
        var parts = text.split(":", -1);
        for (int i = 0; i < parts.length; i++) {
            if (last && i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                long ipv4 = ipv4(parts[i]);
                if (ipv4 < 0) {
                    return Optional.empty();
                }
                found.add((int) (ipv4 >> 16));
                found.add((int) (ipv4 & 0xffff));
            } else {
                int group = group(parts[i]);
                if (group < 0) {
                    return Optional.empty();
                }
                found.add(group);
            }
        }
        return Optional.of(found);
    }

    private static int group(String text) {
        if (text.isEmpty() || text.length() > 4) {
            return -1;
        }
        int group = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                return -1;
            }
            group = group << 4 | digit;
        }
        return group;
    }

    public boolean isIpv4() {
        return width == 32;
    }

    /// Whether it is an IPv6 address that stands for an IPv4 address (`::ffff:10.0.0.1`).
    public boolean isMapped() {
        return !isIpv4() && number.shiftRight(32).equals(BigInteger.valueOf(0xffff));
    }

    /// The IPv4 address that a mapped one stands for; any other address itself.
    public IpAddress unmapped() {
        return isMapped() ? new IpAddress(number.and(BigInteger.valueOf(0xffff_ffffL)), 32) : this;
    }

    public boolean isUnspecified() {
        return number.signum() == 0;
    }

    public boolean isLoopback() {
        return isIpv4() ? top(8) == 127 : number.equals(BigInteger.ONE);
    }

    public boolean isLinkLocal() {
        return isIpv4() ? top(16) == 0xa9fe : top(10) == 0xfe80 >> 6;
    }

    public boolean isMulticast() {
        return isIpv4() ? top(4) == 0xe : top(8) == 0xff;
    }

    public boolean isLinkLocalMulticast() {
        return isIpv4() ? top(24) == 0xe00000 : (top(16) & 0xff0f) == 0xff02;
    }

    private int top(int bits) {
        return number.shiftRight(width - bits).intValue();
    }

    /// 4 or 16, the first one first; the caller's own.
    public byte[] bytes() {
        byte[] bytes = new byte[width / 8];
        byte[] significant = number.toByteArray();
        int length = Math.min(significant.length, bytes.length);
        System.arraycopy(significant, significant.length - length, bytes, bytes.length - length, length);
        return bytes;
    }

    /// The one canonical text. Source: RFC 5952, 4; without its dotted forms of embedded addresses.
    @Override
    public String toString() {
        byte[] bytes = bytes();
        return isIpv4() ? ipv4(bytes) : ipv6(bytes);
    }

    private static String ipv4(byte[] bytes) {
        return (bytes[0] & 0xff) + "." + (bytes[1] & 0xff) + "." + (bytes[2] & 0xff) + "." + (bytes[3] & 0xff);
    }

    private static String ipv6(byte[] bytes) {
        var groups = new ArrayList<String>();
        for (int i = 0; i < 16; i += 2) {
            groups.add(Integer.toHexString(((bytes[i] & 0xff) << 8) | (bytes[i + 1] & 0xff)));
        }
        int start = -1;
        int length = 1;
        for (int i = 0, run = 0; i < GROUPS; i++) {
            run = groups.get(i).equals("0") ? run + 1 : 0;
            if (run > length) {
                start = i - run + 1;
                length = run;
            }
        }
        return start < 0
                ? String.join(":", groups)
                : String.join(":", groups.subList(0, start)) + "::"
                        + String.join(":", groups.subList(start + length, GROUPS));
    }
}
