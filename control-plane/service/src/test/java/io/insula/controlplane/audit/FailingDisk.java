package io.insula.controlplane.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/// A disk of real files whose calls fail on command. Thread-safe: guarded by itself.
final class FailingDisk implements SpoolFile.Opener {

    static final String FULL = "No space left on device";

    private long freeBytes = Long.MAX_VALUE;
    private boolean truncateFails;
    private boolean forceFails;
    private boolean openFails;
    private int forces;
    private Runnable beforeForce = () -> {};

    /// Every write from now on takes from this; one that does not fit is written in part.
    synchronized void free(long bytes) {
        freeBytes = bytes;
    }

    synchronized void failTruncate(boolean fails) {
        truncateFails = fails;
    }

    synchronized void failForce(boolean fails) {
        forceFails = fails;
    }

    synchronized void failOpen(boolean fails) {
        openFails = fails;
    }

    /// Runs within every sync, before it happens.
    synchronized void beforeForce(Runnable work) {
        beforeForce = work;
    }

    synchronized int forces() {
        return forces;
    }

    @Override
    public SpoolFile open(Path path) throws IOException {
        synchronized (this) {
            if (openFails) {
                throw new IOException(FULL);
            }
        }
        SpoolFile real = SpoolFile.onDisk(path);
        return new SpoolFile() {
            @Override
            public void write(ByteBuffer bytes, long at) throws IOException {
                synchronized (FailingDisk.this) {
                    if (bytes.remaining() <= freeBytes) {
                        freeBytes -= freeBytes == Long.MAX_VALUE ? 0 : bytes.remaining();
                        real.write(bytes, at);
                        return;
                    }
                    bytes.limit(bytes.position() + (int) freeBytes);
                    freeBytes = 0;
                    real.write(bytes, at);
                    throw new IOException(FULL);
                }
            }

            @Override
            public void truncate(long size) throws IOException {
                synchronized (FailingDisk.this) {
                    if (truncateFails) {
                        throw new IOException("Input/output error");
                    }
                    real.truncate(size);
                }
            }

            @Override
            public void force() throws IOException {
                Runnable before;
                synchronized (FailingDisk.this) {
                    before = beforeForce;
                }
                before.run();
                synchronized (FailingDisk.this) {
                    if (forceFails) {
                        throw new IOException("Input/output error");
                    }
                    forces++;
                }
                real.force();
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }
}
