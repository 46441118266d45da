package io.insula.controlplane.keys;

import java.util.Arrays;
import java.util.HexFormat;

/// What the private keys of one folder are sealed with.
///
/// @param id by which they name it
/// @param secret of 32 bytes
record DataKey(String id, byte[] secret) {

    private static final int ID_BYTES = 16;

    static DataKey make() {
        return new DataKey(HexFormat.of().formatHex(Arrays.copyOf(Envelope.newKey(), ID_BYTES)), Envelope.newKey());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DataKey(String otherId, byte[] otherSecret)
                && id.equals(otherId)
                && Arrays.equals(secret, otherSecret);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "DataKey[" + id + "]";
    }
}
