package io.insula.tenantapi.cel.library;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/// An IPv4 or IPv6 address, from its text alone: no name is ever looked up. Its text is the canonical one (RFC 5952).
///
/// @param address of 4 or 16 bytes
public record Ip(InetAddress address) {

    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern GROUP = Pattern.compile("[0-9a-fA-F]{1,4}");

    /// @throws FunctionFailure for what is no address, has a zone, or is IPv4 in IPv6
    static Ip parse(String text) {
        int zone = text.indexOf('%');
        byte[] bytes = bytes(zone < 0 ? text : text.substring(0, zone))
                .orElseThrow(() -> new FunctionFailure("IP Address \"" + text
                        + "\" parse error during conversion from string: ParseAddr(\"" + text
                        + "\"): unable to parse IP"));
        if (zone >= 0) {
            throw new FunctionFailure("IP address \"" + text + "\" with zone value is not allowed");
        }
        if (isMapped(bytes)) {
            throw new FunctionFailure("IPv4-mapped IPv6 address \"" + text + "\" is not allowed");
        }
        return of(bytes);
    }

    static Ip of(byte[] bytes) {
        try {
            return new Ip(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address of " + bytes.length + " bytes (expected: 4 or 16)", e);
        }
    }

    static boolean isMapped(byte[] bytes) {
        if (bytes.length != 16) {
            return false;
        }
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return bytes[10] == -1 && bytes[11] == -1;
    }

    /// The bytes of an address without zone; empty when it is none.
    static Optional<byte[]> bytes(String text) {
        return text.contains(":") ? ipv6(text) : ipv4(text);
    }

    private static Optional<byte[]> ipv4(String text) {
        if (!IPV4.matcher(text).matches()) {
            return Optional.empty();
        }
        byte[] bytes = new byte[4];
        String[] parts = text.split("\\.", -1);
        for (int i = 0; i < 4; i++) {
            int part = Integer.parseInt(parts[i]);
            boolean leadingZero = parts[i].length() > 1 && parts[i].startsWith("0");
            if (part > 255 || leadingZero) {
                return Optional.empty();
            }
            bytes[i] = (byte) part;
        }
        return Optional.of(bytes);
    }

    private static Optional<byte[]> ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
            return Optional.empty();
        }
        byte[] bytes = new byte[16];
        if (gap < 0) {
            return fill(text, bytes, 0) == 16 ? Optional.of(bytes) : Optional.empty();
        }
        int head = fill(text.substring(0, gap), bytes, 0);
        byte[] tail = new byte[16];
        int tailLength = fill(text.substring(gap + 2), tail, 0);
        if (head < 0 || tailLength < 0 || head + tailLength > 14) {
            return Optional.empty();
        }
        System.arraycopy(tail, 0, bytes, 16 - tailLength, tailLength);
        return Optional.of(bytes);
    }

    /// The number of bytes that the groups of `text` make; -1 when they make none.
    private static int fill(String text, byte[] into, int from) {
        if (text.isEmpty()) {
            return from;
        }
        int at = from;
        String[] groups = text.split(":", -1);
        for (int i = 0; i < groups.length; i++) {
            if (i == groups.length - 1 && groups[i].contains(".")) {
                var last = ipv4(groups[i]);
                if (last.isEmpty() || at > 12) {
                    return -1;
                }
                System.arraycopy(last.get(), 0, into, at, 4);
                return at + 4;
            }
            if (at > 14 || !GROUP.matcher(groups[i]).matches()) {
                return -1;
            }
            int group = Integer.parseInt(groups[i], 16);
            into[at++] = (byte) (group >> 8);
            into[at++] = (byte) group;
        }
        return at;
    }

    long family() {
        return address.getAddress().length == 4 ? 4 : 6;
    }

    boolean isGlobalUnicast() {
        byte[] bytes = address.getAddress();
        boolean broadcast = bytes.length == 4 && bytes[0] == -1 && bytes[1] == -1 && bytes[2] == -1 && bytes[3] == -1;
        return !broadcast
                && !address.isAnyLocalAddress()
                && !address.isLoopbackAddress()
                && !address.isMulticastAddress()
                && !address.isLinkLocalAddress();
    }

    @Override
    public String toString() {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return address.getHostAddress();
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = ((bytes[2 * i] & 0xff) << 8) | (bytes[2 * i + 1] & 0xff);
        }
        return compressed(groups);
    }

    /// The first longest run of at least two zero groups becomes `::`.
    private static String compressed(int[] groups) {
        int start = -1;
        int length = 1;
        int run = 0;
        for (int i = 0; i < 8; i++) {
            run = groups[i] == 0 ? run + 1 : 0;
            if (run > length) {
                start = i - run + 1;
                length = run;
            }
        }
        var text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (start >= 0 && i >= start && i < start + length) {
                text.append(i == start ? "::" : "");
                continue;
            }
            boolean follows = i > 0 && i != start + length;
            text.append(follows || (start < 0 && i > 0) ? ":" : "").append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
