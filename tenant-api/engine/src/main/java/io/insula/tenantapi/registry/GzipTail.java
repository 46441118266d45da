package io.insula.tenantapi.registry;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// The packed end of a gzip stream, in front of which a short text can be put at each use without packing the
/// end again: the text goes into a stored block, and the two checksums are combined. Source: RFC 1951, RFC
/// 1952.
///
/// @param deflated raw deflate, with its final block
/// @param crc of the plain end
/// @param length of the plain end
record GzipTail(byte[] deflated, int crc, int length) {

    private static final int LEVEL = 1;
    private static final byte[] HEADER = {0x1f, (byte) 0x8b, Deflater.DEFLATED, 0, 0, 0, 0, 0, 0, (byte) 0xff};
    private static final int MAX_STORED_BYTES = 0xffff;
    private static final int CRC_POLYNOMIAL = 0xedb88320;

    static GzipTail of(byte[] end) {
        try (var deflater = new Deflater(LEVEL, true)) {
            deflater.setInput(end);
            deflater.finish();
            var out = new byte[end.length / 8 + 1024];
            int length = 0;
            while (!deflater.finished()) {
                length += deflater.deflate(out, length, out.length - length);
                out = length == out.length ? Arrays.copyOf(out, length * 2) : out;
            }
            return new GzipTail(Arrays.copyOf(out, length), crcOf(end), end.length);
        }
    }

    /// A whole gzip stream of `begin` and the end.
    ///
    /// @param begin at most 65,535 bytes
    byte[] after(byte[] begin) {
        if (begin.length > MAX_STORED_BYTES) {
            throw new IllegalArgumentException("begin: " + begin.length + " bytes (expected: <= 65535)");
        }
        var stream = ByteBuffer.allocate(HEADER.length + 5 + begin.length + deflated.length + 8)
                .order(ByteOrder.LITTLE_ENDIAN);
        stream.put(HEADER);
        stream.put((byte) 0).putShort((short) begin.length).putShort((short) ~begin.length);
        stream.put(begin).put(deflated);
        stream.putInt(combined(crcOf(begin), crc, length)).putInt(begin.length + length);
        return stream.array();
    }

    private static int crcOf(byte[] bytes) {
        var sum = new CRC32();
        sum.update(bytes);
        return (int) sum.getValue();
    }

    /// The CRC of two texts together: the first one's, moved on by as many zero bytes as the second has. Moving on is
    /// linear over bits, so that moving by 2^n is a matrix that is the square of the one before.
    static int combined(int first, int second, long secondLength) {
        int[] step = new int[32];
        step[0] = CRC_POLYNOMIAL;
        for (int bit = 1; bit < 32; bit++) {
            step[bit] = 1 << (bit - 1);
        }
        int moved = first;
        long bits = secondLength * 8;
        while (bits != 0) {
            if ((bits & 1) != 0) {
                moved = times(step, moved);
            }
            step = squared(step);
            bits >>>= 1;
        }
        return moved ^ second;
    }

    private static int times(int[] matrix, int vector) {
        int sum = 0;
        for (int bit = 0; bit < 32; bit++) {
            sum ^= matrix[bit] & -(vector >>> bit & 1);
        }
        return sum;
    }

    private static int[] squared(int[] matrix) {
        int[] square = new int[32];
        for (int bit = 0; bit < 32; bit++) {
            square[bit] = times(matrix, matrix[bit]);
        }
        return square;
    }
}
