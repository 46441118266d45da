package io.insula.tenantapi.tunnel;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;

/// Bytes that go in pieces; a single one is a piece of one byte.
public abstract class PieceOutput extends OutputStream {

    /// Sends them, however many there are.
    protected abstract void give(byte[] bytes, int offset, int length) throws IOException;

    @Override
    public final void write(int octet) throws IOException {
        give(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public final void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        give(bytes, offset, length);
    }
}
