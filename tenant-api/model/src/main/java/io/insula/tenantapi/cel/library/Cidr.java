package io.insula.tenantapi.cel.library;

import java.util.regex.Pattern;

/// An address with the length of its network's prefix.
public record Cidr(Ip ip, int bits) {

    private static final Pattern BITS = Pattern.compile("0|[1-9]\\d{0,2}");

    /// @throws FunctionFailure for what is no CIDR
    static Cidr parse(String text) {
        int slash = text.lastIndexOf('/');
        if (slash < 0) {
            throw broken(text, "no '/'");
        }
        byte[] bytes = Ip.bytes(text.substring(0, slash)).orElseThrow(() -> broken(text, "unable to parse IP"));
        String length = text.substring(slash + 1);
        if (!BITS.matcher(length).matches()) {
            throw broken(text, "bad bits after slash: \"" + length + "\"");
        }
        int bits = Integer.parseInt(length);
        if (bits > bytes.length * 8) {
            throw broken(text, "prefix length out of range");
        }
        if (Ip.isMapped(bytes)) {
            throw new FunctionFailure("network address parse error during conversion from string:"
                    + " IPv4-mapped IPv6 address \"" + text + "\" is not allowed");
        }
        return new Cidr(Ip.of(bytes), bits);
    }

    private static FunctionFailure broken(String text, String why) {
        return new FunctionFailure("network address parse error during conversion from string: network address parse"
                + " error during conversion from string: netip.ParsePrefix(\"" + text + "\"): " + why);
    }

    boolean contains(Ip other) {
        byte[] mine = ip.address().getAddress();
        byte[] theirs = other.address().getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        for (int bit = 0; bit < bits; bit++) {
            int mask = 0x80 >> (bit % 8);
            if ((mine[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
                return false;
            }
        }
        return true;
    }

    boolean contains(Cidr other) {
        return bits <= other.bits && contains(other.ip);
    }

    Cidr masked() {
        byte[] bytes = ip.address().getAddress();
        for (int bit = bits; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] = (byte) (bytes[bit / 8] & ~(0x80 >> (bit % 8)));
        }
        return new Cidr(Ip.of(bytes), bits);
    }

    @Override
    public String toString() {
        return ip + "/" + bits;
    }
}
