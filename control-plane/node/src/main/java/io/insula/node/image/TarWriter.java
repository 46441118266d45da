package io.insula.node.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes a tar archive whose bytes depend on nothing but what it holds: owner root, time 0. Confined to one thread.
/// Source: POSIX.1-2001 "pax Interchange Format"; long names and large files by pax records.
final class TarWriter {

    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final long LARGEST = 077777777777L;
    private static final byte FILE = '0';
    private static final byte LINK = '2';
    private static final byte FOLDER = '5';
    private static final byte PAX = 'x';

    private final OutputStream out;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    void folder(String name, int mode) throws IOException {
        header(name + "/", mode, 0, FOLDER, "");
    }

    /// @param target as the link says it
    void link(String name, String target) throws IOException {
        header(name, 0777, 0, LINK, target);
    }

    void file(String name, int mode, byte[] content) throws IOException {
        header(name, mode, content.length, FILE, "");
        out.write(content);
        pad(content.length);
    }

    /// @param size of `content`, exactly
    void file(String name, int mode, long size, InputStream content) throws IOException {
        header(name, mode, size, FILE, "");
        long copied = content.transferTo(out);
        if (copied != size) {
            throw new IOException(name + " changed while it was read: " + copied + " bytes instead of " + size);
        }
        pad(size);
    }

    /// Writes the archive's end. The stream stays open.
    void finish() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.flush();
    }

    private void header(String name, int mode, long size, byte type, String target) throws IOException {
        var records = new StringBuilder();
        if (utf8(name).length > NAME_BYTES) {
            records.append(paxRecord("path", name));
        }
        if (utf8(target).length > NAME_BYTES) {
            records.append(paxRecord("linkpath", target));
        }
        if (size > LARGEST) {
            records.append(paxRecord("size", Long.toString(size)));
        }
        if (!records.isEmpty()) {
            byte[] body = utf8(records.toString());
            block("pax", 0644, body.length, PAX, "");
            out.write(body);
            pad(body.length);
        }
        block(name, mode, Math.min(size, LARGEST), type, target);
    }

    private void block(String name, int mode, long size, byte type, String target) throws IOException {
        var block = new byte[BLOCK];
        text(block, 0, NAME_BYTES, name);
        octal(block, 100, 8, mode);
        octal(block, 108, 8, 0);
        octal(block, 116, 8, 0);
        octal(block, 124, 12, size);
        octal(block, 136, 12, 0);
        block[156] = type;
        text(block, 157, NAME_BYTES, target);
        text(block, 257, 6, "ustar");
        text(block, 263, 2, "00");
        text(block, 265, 32, "root");
        text(block, 297, 32, "root");
        checksum(block);
        out.write(block);
    }

    private static void checksum(byte[] block) {
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        octal(block, 148, 7, sum);
    }

    private static void text(byte[] block, int at, int room, String text) {
        byte[] bytes = utf8(text);
        System.arraycopy(bytes, 0, block, at, Math.min(bytes.length, room));
    }

    private static void octal(byte[] block, int at, int room, long value) {
        String digits = Long.toOctalString(value);
        text(block, at, room, "0".repeat(room - 1 - digits.length()) + digits);
        block[at + room - 1] = 0;
    }

    /// `LENGTH KEY=VALUE\n`, its length counting its own digits.
    private static String paxRecord(String key, String value) {
        int rest = utf8(" " + key + "=" + value + "\n").length;
        int length = rest + Integer.toString(rest).length();
        if (rest + Integer.toString(length).length() != length) {
            length = rest + Integer.toString(length).length();
        }
        return length + " " + key + "=" + value + "\n";
    }

    private void pad(long size) throws IOException {
        out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
