package io.insula.node.network.dns;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// Writes answers, and the questions that are passed on. Stateless. Source: RFC 1035, 4.1; RFC 2308, 5.
final class DnsWriter {

    static final int NO_ERROR = 0;
    static final int SERVER_FAILURE = 2;
    static final int NO_NAME = 3;
    static final int REFUSED = 5;
    /// How long an answer may be believed; as long as CoreDNS says.
    static final int SECONDS = 5;

    private static final int RESPONSE = 0x8000;
    private static final int AUTHORITATIVE = 0x0400;
    private static final int TRUNCATED = 0x0200;
    private static final int RECURSION_WANTED = 0x0100;
    private static final int RECURSION_HERE = 0x0080;
    private static final int LARGEST = 65_535;
    private static final int OWN_LARGEST_DATAGRAM = 1232;
    private static final int INTERNET = 1;
    private static final int OPT = 41;
    private static final int LONGEST_QUESTION = 300;

    private DnsWriter() {}

    /// @param room bytes; what does not fit is left out, and the asker told to ask by TCP
    static byte[] answer(
            DnsQuestion question,
            int code,
            List<DnsRecord> answers,
            List<DnsRecord> authorities,
            List<DnsRecord> additional,
            int room) {
        byte[] whole = write(question, code, false, answers, authorities, additional);
        if (whole.length <= room) {
            return whole;
        }
        byte[] without = write(question, code, false, answers, authorities, List.of());
        return without.length <= room ? without : write(question, code, true, List.of(), List.of(), List.of());
    }

    private static byte[] write(
            DnsQuestion question,
            int code,
            boolean isTruncated,
            List<DnsRecord> answers,
            List<DnsRecord> authorities,
            List<DnsRecord> additional) {
        var message = ByteBuffer.allocate(LARGEST * 2);
        int flags = RESPONSE | AUTHORITATIVE | RECURSION_HERE | code;
        flags |= question.wantsRecursion() ? RECURSION_WANTED : 0;
        flags |= isTruncated ? TRUNCATED : 0;
        message.putShort((short) question.id()).putShort((short) flags).putShort((short) 1);
        message.putShort((short) answers.size()).putShort((short) authorities.size());
        message.putShort((short) (additional.size() + (question.isExtended() ? 1 : 0)));
        name(message, question.name());
        message.putShort((short) question.type()).putShort((short) INTERNET);
        for (List<DnsRecord> section : List.of(answers, authorities, additional)) {
            section.forEach(record -> write(message, record));
        }
        if (question.isExtended()) {
            message.put((byte) 0).putShort((short) OPT).putShort((short) OWN_LARGEST_DATAGRAM);
            message.putInt(0).putShort((short) 0);
        }
        return Arrays.copyOf(message.array(), message.position());
    }

    private static void write(ByteBuffer message, DnsRecord record) {
        name(message, record.name());
        message.putShort((short) record.type()).putShort((short) INTERNET).putInt(SECONDS);
        message.putShort((short) record.data().length).put(record.data());
    }

    /// A question of our own.
    static byte[] question(String name, int type) {
        var message = ByteBuffer.allocate(LONGEST_QUESTION);
        message.putShort((short) 0).putShort((short) RECURSION_WANTED).putShort((short) 1);
        message.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        name(message, name);
        message.putShort((short) type).putShort((short) INTERNET);
        return Arrays.copyOf(message.array(), message.position());
    }

    private static void name(ByteBuffer message, String name) {
        if (!name.isEmpty()) {
            for (String label : name.split("\\.", -1)) {
                byte[] text = label.getBytes(StandardCharsets.ISO_8859_1);
                message.put((byte) text.length).put(text);
            }
        }
        message.put((byte) 0);
    }
}
