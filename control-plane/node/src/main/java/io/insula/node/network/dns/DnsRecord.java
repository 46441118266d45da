package io.insula.node.network.dns;

import io.insula.rules.network.IpAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// One record. Immutable. Source: RFC 1035, 3.2.1.
///
/// @param name without a dot at its end
/// @param data as in the message, names in it not shortened
record DnsRecord(String name, int type, byte[] data) {

    static final int A = 1;
    static final int CNAME = 5;
    static final int SOA = 6;
    static final int PTR = 12;
    static final int TXT = 16;
    static final int SRV = 33;
    static final int ANY = 255;

    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_LABEL = 63;

    /// @param address IPv4, as text
    static DnsRecord address(String name, String address) {
        IpAddress ipv4 = IpAddress.parse(address)
                .filter(IpAddress::isIpv4)
                .orElseThrow(() -> new IllegalArgumentException("address of " + name + ": " + address));
        return new DnsRecord(name, A, ipv4.bytes());
    }

    static DnsRecord pointer(String name, String target) {
        return new DnsRecord(name, PTR, encoded(target));
    }

    static DnsRecord alias(String name, String target) {
        return new DnsRecord(name, CNAME, encoded(target));
    }

    static DnsRecord text(String name, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return new DnsRecord(
                name,
                TXT,
                ByteBuffer.allocate(bytes.length + 1)
                        .put((byte) bytes.length)
                        .put(bytes)
                        .array());
    }

    /// Source: RFC 2782.
    static DnsRecord service(String name, int weight, int port, String target) {
        byte[] host = encoded(target);
        return new DnsRecord(
                name,
                SRV,
                ByteBuffer.allocate(6 + host.length)
                        .putShort((short) 0)
                        .putShort((short) weight)
                        .putShort((short) port)
                        .put(host)
                        .array());
    }

    /// Of whom one may ask about a zone, and for how long a name that is not there is not.
    static DnsRecord authority(String zone, int seconds) {
        byte[] server = encoded("ns.dns." + zone);
        byte[] person = encoded("hostmaster." + zone);
        return new DnsRecord(
                zone,
                SOA,
                ByteBuffer.allocate(server.length + person.length + 20)
                        .put(server)
                        .put(person)
                        .putInt(1)
                        .putInt(7200)
                        .putInt(1800)
                        .putInt(86400)
                        .putInt(seconds)
                        .array());
    }

    /// A name as labels with their lengths. Source: RFC 1035, 3.1.
    ///
    /// @throws IllegalArgumentException for what is no name
    private static byte[] encoded(String name) {
        var bytes = ByteBuffer.allocate(LONGEST_NAME);
        for (String label : name.split("\\.", -1)) {
            byte[] text = label.getBytes(StandardCharsets.US_ASCII);
            if (text.length == 0 || text.length > LONGEST_LABEL || bytes.remaining() < text.length + 2) {
                throw new IllegalArgumentException("name: " + name + " (expected: labels of 1 to 63 characters)");
            }
            bytes.put((byte) text.length).put(text);
        }
        bytes.put((byte) 0);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
