package io.insula.controlplane.backup;

import java.io.IOException;
import java.io.InputStream;

/// An object that is read part by part, the next one when it is needed. Confined to one thread.
final class S3Input extends InputStream {

    private final long size;
    private final int partBytes;
    private final Parts parts;
    private byte[] part = new byte[0];
    private int at;
    private long fetched;

    /// Fetches parts.
    @FunctionalInterface
    interface Parts {
        /// All of these bytes.
        byte[] read(long from, int length) throws S3Exception;
    }

    S3Input(long size, int partBytes, Parts parts) {
        this.size = size;
        this.partBytes = partBytes;
        this.parts = parts;
    }

    @Override
    public int read() throws IOException {
        return isAtEnd() ? -1 : part[at++] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (isAtEnd()) {
            return -1;
        }
        int count = Math.min(length, part.length - at);
        System.arraycopy(part, at, into, offset, count);
        at += count;
        return count;
    }

    private boolean isAtEnd() throws S3Exception {
        if (at == part.length && fetched < size) {
            part = parts.read(fetched, (int) Math.min(partBytes, size - fetched));
            fetched += part.length;
            at = 0;
        }
        return at == part.length;
    }
}
