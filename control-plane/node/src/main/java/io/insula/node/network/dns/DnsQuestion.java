package io.insula.node.network.dns;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;

/// One question, read strictly: it is a stranger's. Immutable. Source: RFC 1035, 4.1; RFC 6891, 6.1.
///
/// @param name without a dot at its end; empty for the root
/// @param wantsRecursion told back in the answer
/// @param longest answer by UDP that the asker takes, in bytes
/// @param isExtended whether it speaks EDNS
record DnsQuestion(int id, String name, int type, boolean wantsRecursion, int longest, boolean isExtended) {

    static final int PLAIN = 512;

    private static final int OPT = 41;
    private static final int INTERNET = 1;
    private static final int HEADER = 12;
    private static final int LONGEST_NAME = 255;
    private static final int POINTER = 0xc0;

    /// Empty for what is no question of one name in the Internet's class.
    static Optional<DnsQuestion> read(ByteBuffer message) {
        try {
            if (message.remaining() < HEADER) {
                return Optional.empty();
            }
            int id = message.getShort() & 0xffff;
            int flags = message.getShort() & 0xffff;
            int questions = message.getShort();
            int others = message.getShort() + message.getShort();
            int additional = message.getShort();
            boolean isQuery = (flags & 0xf800) == 0;
            if (!isQuery || questions != 1 || others != 0) {
                return Optional.empty();
            }
            String name = name(message);
            int type = message.getShort() & 0xffff;
            if ((message.getShort() & 0xffff) != INTERNET) {
                return Optional.empty();
            }
            int offered = additional == 0 ? 0 : extension(message);
            return Optional.of(
                    new DnsQuestion(id, name, type, (flags & 0x100) != 0, Math.max(PLAIN, offered), offered > 0));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// A question's name is never shortened, as nothing is before it.
    private static String name(ByteBuffer message) {
        var labels = new ArrayList<String>();
        int length = 0;
        while (true) {
            int size = message.get() & 0xff;
            if (size == 0) {
                return String.join(".", labels);
            }
            length += size + 1;
            if ((size & POINTER) != 0 || length > LONGEST_NAME) {
                throw new IllegalArgumentException("name");
            }
            var label = new byte[size];
            message.get(label);
            String text = new String(label, StandardCharsets.ISO_8859_1);
            if (text.indexOf('.') >= 0) {
                throw new IllegalArgumentException("name with a dot in a label");
            }
            labels.add(text);
        }
    }

    /// The size that EDNS offers; 0 where the first further record is another.
    private static int extension(ByteBuffer message) {
        boolean isRoot = message.get() == 0;
        return isRoot && (message.getShort() & 0xffff) == OPT ? message.getShort() & 0xffff : 0;
    }
}
