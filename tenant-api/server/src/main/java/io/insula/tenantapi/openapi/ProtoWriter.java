package io.insula.tenantapi.openapi;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The bytes of one protobuf message, field after field. Confined to one build.
/// Source: the protocol buffers documentation, "Encoding".
final class ProtoWriter {

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;

    private byte[] bytes = new byte[64];
    private int size;

    void text(int field, String value) {
        bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    void bytes(int field, byte[] value) {
        lengthOf(field, value.length);
        raw(value);
    }

    void message(int field, ProtoWriter message) {
        lengthOf(field, message.size);
        append(message.bytes, message.size);
    }

    void whole(int field, long value) {
        varint(tag(field, VARINT));
        varint(value);
    }

    void real(int field, double value) {
        varint(tag(field, FIXED64));
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < Long.BYTES; i++) {
            one((byte) (bits >>> (8 * i)));
        }
    }

    /// The head of a field of `length` bytes, which [#raw] adds.
    void lengthOf(int field, int length) {
        varint(tag(field, LENGTH));
        varint(length);
    }

    void raw(byte[] value) {
        append(value, value.length);
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    private static long tag(int field, int wire) {
        return ((long) field << 3) | wire;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            one((byte) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        one((byte) rest);
    }

    private void one(byte value) {
        room(1);
        bytes[size++] = value;
    }

    private void append(byte[] value, int length) {
        room(length);
        System.arraycopy(value, 0, bytes, size, length);
        size += length;
    }

    private void room(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, 2 * bytes.length));
        }
    }
}
