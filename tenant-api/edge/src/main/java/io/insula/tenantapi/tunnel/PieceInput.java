package io.insula.tenantapi.tunnel;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// Bytes that come in pieces; a single one is a piece of one byte.
public abstract class PieceInput extends InputStream {

    /// Waits for the next bytes.
    ///
    /// @param length at least 1
    /// @return how many of them have been put there, at least 1; -1 at the end
    protected abstract int take(byte[] into, int offset, int length) throws IOException;

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public final int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        return length == 0 ? 0 : take(into, offset, length);
    }
}
