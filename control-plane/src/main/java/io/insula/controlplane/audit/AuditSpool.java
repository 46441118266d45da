package io.insula.controlplane.audit;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// One tenant's events on disk until Kafka has them: segments of JSON lines, named by the position of their
/// first byte.
///
/// A position counts all bytes ever written. Concurrent appends share one sync (group commit). A torn last line
/// after a crash was never acknowledged and is cut off. Thread-safe: writing is guarded by `writing`, syncing
/// by `syncing`, always taken in the order syncing, then writing.
final class AuditSpool implements AutoCloseable {

    private static final long SEGMENT_BYTES = 8L << 20;
    private static final String SUFFIX = ".ndjson";

    private final Path folder;
    private final Object writing = new Object();
    private final Object syncing = new Object();
    private final TreeMap<Long, Path> segments = new TreeMap<>();
    private FileChannel channel;
    private long written;
    private volatile long synced;
    private volatile long shipped;

    /// An event and the position right after it.
    record Entry(byte[] line, long end) {}

    AuditSpool(Path folder) {
        this.folder = AtomicFiles.folder(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
                segments.put(start(file), file);
            }
            shipped = readShipped();
            requireNothingLost();
            if (segments.isEmpty() || end(segments.lastEntry()) < shipped) {
                // What is missing at the end has reached Kafka: positions go on behind it.
                channel = newSegment(shipped);
                written = shipped;
            } else {
                channel = FileChannel.open(
                        segments.lastEntry().getValue(), StandardOpenOption.READ, StandardOpenOption.WRITE);
                channel.truncate(wholeLines(channel));
                channel.position(channel.size());
                written = segments.lastKey() + channel.size();
                channel.force(true);
            }
            synced = written;
        } catch (IOException e) {
            throw new HomeException(
                    "the home folder is damaged: the audit spool " + folder + " cannot be used: " + e.getMessage(), e);
        }
    }

    /// Writes one event (JSON without line breaks); durable when it returns.
    void append(byte[] json) {
        long end;
        synchronized (writing) {
            try {
                var buffer = ByteBuffer.allocate(json.length + 1)
                        .put(json)
                        .put((byte) '\n')
                        .flip();
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                written += json.length + 1L;
                end = written;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write the audit spool " + folder, e);
            }
        }
        if (synced < end) {
            sync(end);
        }
    }

    /// Durable events after `position`, up to about `maxBytes`, at least one where there is one.
    List<Entry> read(long position, int maxBytes) {
        long end = synced;
        if (position >= end) {
            return List.of();
        }
        Map.Entry<Long, Path> segment;
        long segmentEnd;
        synchronized (writing) {
            segment = segments.floorEntry(position);
            if (segment == null) {
                throw new IllegalStateException(
                        "position: " + position + " (expected: >= " + segments.firstKey() + ")");
            }
            Long next = segments.higherKey(position);
            segmentEnd = next == null ? end : next;
        }
        var entries = new ArrayList<Entry>();
        try (var input = Files.newInputStream(segment.getValue())) {
            input.skipNBytes(position - segment.getKey());
            long at = position;
            long from = position;
            var line = new java.io.ByteArrayOutputStream();
            var buffered = new java.io.BufferedInputStream(input, 1 << 16);
            while (at < segmentEnd && (entries.isEmpty() || at - from < maxBytes)) {
                int next = buffered.read();
                at++;
                if (next == '\n') {
                    entries.add(new Entry(line.toByteArray(), at));
                    line.reset();
                } else {
                    line.write(next);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the audit spool " + folder, e);
        }
        return entries;
    }

    /// Everything before this position has reached Kafka.
    long shipped() {
        return shipped;
    }

    boolean hasUnshipped() {
        return shipped < synced;
    }

    /// Remembers progress and removes segments that are no longer needed.
    void markShipped(long position) {
        AtomicFiles.write(folder.resolve("shipped"), position + "\n");
        shipped = position;
        synchronized (writing) {
            while (segments.size() > 1 && segments.higherKey(segments.firstKey()) <= position) {
                try {
                    Files.deleteIfExists(segments.pollFirstEntry().getValue());
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot remove a shipped segment in " + folder, e);
                }
            }
        }
    }

    @Override
    public void close() {
        synchronized (writing) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close the audit spool " + folder, e);
            }
        }
    }

    private void sync(long wanted) {
        synchronized (syncing) {
            if (synced >= wanted) {
                return;
            }
            long reached;
            FileChannel current;
            synchronized (writing) {
                reached = written;
                current = channel;
            }
            try {
                current.force(false);
                synced = reached;
                roll();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot sync the audit spool " + folder, e);
            }
        }
    }

    /// Begins a new segment where the current one is full and wholly synced. Holds `syncing`.
    private void roll() throws IOException {
        synchronized (writing) {
            if (written != synced || written - segments.lastKey() < SEGMENT_BYTES) {
                return;
            }
            channel.close();
            channel = newSegment(written);
        }
    }

    private FileChannel newSegment(long start) throws IOException {
        Path file = folder.resolve("%020d%s".formatted(start, SUFFIX));
        var opened = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        segments.put(start, file);
        AtomicFiles.syncFolder(folder);
        return opened;
    }

    private long readShipped() throws IOException {
        Path file = folder.resolve("shipped");
        if (!Files.exists(file)) {
            return segments.isEmpty() ? 0 : segments.firstKey();
        }
        try {
            return Long.parseLong(
                    Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (NumberFormatException e) {
            throw new IOException(file + " is not a number", e);
        }
    }

    /// Segments follow each other without a gap, from what Kafka has on.
    private void requireNothingLost() throws IOException {
        long known = shipped;
        for (Map.Entry<Long, Path> segment : segments.entrySet()) {
            if (segment.getKey() > known) {
                throw new IOException("events from " + known + " to " + segment.getKey()
                        + " are missing: restore the segment, or write " + segment.getKey() + " into "
                        + folder.resolve("shipped") + " to go on without them");
            }
            known = Math.max(known, end(segment));
        }
    }

    private static long end(Map.Entry<Long, Path> segment) throws IOException {
        return segment.getKey() + Files.size(segment.getValue());
    }

    private static long start(Path segment) throws IOException {
        String name = segment.getFileName().toString();
        try {
            return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()));
        } catch (NumberFormatException e) {
            throw new IOException(segment + " is no segment: its name is not a position", e);
        }
    }

    private static long wholeLines(FileChannel channel) throws IOException {
        var one = ByteBuffer.allocate(1);
        for (long end = channel.size(); end > 0; end--) {
            one.clear();
            channel.read(one, end - 1);
            if (one.get(0) == '\n') {
                return end;
            }
        }
        return 0;
    }
}
