package io.insula.tenantapi.storage.cache;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/// Packs values that lie about unread: a pod's JSON becomes a quarter. Stateless.
final class Packing {

    private static final int LEVEL = 3;

    private Packing() {}

    /// Nothing of the deflaters' own memory, which is outside the heap, outlives the call.
    static byte[] pack(byte[] value) {
        try (var deflater = new Deflater(LEVEL, true)) {
            deflater.setInput(value);
            deflater.finish();
            var packed = new byte[value.length + 64];
            int length = 0;
            while (!deflater.finished()) {
                length += deflater.deflate(packed, length, packed.length - length);
                packed = length == packed.length ? Arrays.copyOf(packed, length * 2) : packed;
            }
            return Arrays.copyOf(packed, length);
        }
    }

    /// @param length of the value
    static byte[] unpack(byte[] packed, int length) {
        try (var inflater = new Inflater(true)) {
            inflater.setInput(packed);
            var value = new byte[length];
            int done = 0;
            while (done < length) {
                int some = inflater.inflate(value, done, length - done);
                if (some == 0) {
                    throw new IllegalStateException("packed value ends at " + done + " of " + length + " bytes");
                }
                done += some;
            }
            return value;
        } catch (DataFormatException e) {
            throw new IllegalStateException("packed value cannot be read (" + packed.length + " bytes)", e);
        }
    }
}
