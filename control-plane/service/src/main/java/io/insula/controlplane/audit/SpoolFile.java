package io.insula.controlplane.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// One segment of a spool as it is written: a port, so that a disk can fail at any of its calls.
interface SpoolFile extends AutoCloseable {

    /// Writes all of `bytes` from position `at` of the file on; a failure may leave a part of them there.
    void write(ByteBuffer bytes, long at) throws IOException;

    /// Cuts off what is behind `size`.
    void truncate(long size) throws IOException;

    /// Makes durable what was written; a failure leaves open what of it is.
    void force() throws IOException;

    @Override
    void close() throws IOException;

    /// Opens segments.
    @FunctionalInterface
    interface Opener {
        /// @param path made where it does not exist, readable by its owner only
        SpoolFile open(Path path) throws IOException;
    }

    /// On this machine's disk.
    static SpoolFile onDisk(Path path) throws IOException {
        return new OnDisk(FileChannel.open(
                path,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))));
    }

    /// A file channel.
    record OnDisk(FileChannel channel) implements SpoolFile {
        @Override
        public void write(ByteBuffer bytes, long at) throws IOException {
            long next = at;
            while (bytes.hasRemaining()) {
                next += channel.write(bytes, next);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void force() throws IOException {
            channel.force(true);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
