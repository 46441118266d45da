package io.insula.controlplane.audit;

import io.insula.controlplane.audit.SpoolPage.Loss;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One tenant's events on disk until Kafka has them: segments of JSON lines, named by the position of their
/// first byte.
///
/// A position counts all bytes that were ever kept. Concurrent appends share one sync (group commit). What a failed
/// write or sync leaves is cut off before anything else is written, and every append that was not durable by then
/// has failed. A torn last line after a crash was never acknowledged and is cut off, too. Thread-safe: writing is
/// guarded by `writing`, syncing by `syncing`, always taken in the order syncing, then writing.
final class AuditSpool implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditSpool.class);
    private static final long SEGMENT_BYTES = 8L << 20;
    private static final String SUFFIX = ".ndjson";
    private static final int SCAN_BYTES = 1 << 16;

    private final Path folder;
    private final SpoolFile.Opener opener;
    private final SpoolProgress progress;
    private final Object writing = new Object();
    private final Object syncing = new Object();
    private final TreeMap<Long, Path> segments = new TreeMap<>();
    private final List<Loss> found = new ArrayList<>();
    private SpoolFile file;
    private long written;
    /// Whether there may be bytes behind `written` that belong to no event.
    private boolean torn;

    private Batch batch = new Batch();
    private boolean closed;
    private volatile long synced;
    private volatile long shipped;

    /// The appends that one sync makes durable. Guarded by `syncing`.
    private static final class Batch {
        boolean durable;

        @Nullable
        IOException failure;
    }

    /// The spool was closed, as nobody needed it: another one may be opened on the folder.
    static final class Closed extends Exception {
        Closed() {
            super("closed");
        }
    }

    AuditSpool(Path folder) {
        this(folder, SpoolFile::onDisk);
    }

    /// Progress is written in place, which takes no space: a disk that is full is not asked for it.
    AuditSpool(Path folder, SpoolFile.Opener opener) {
        this(folder, opener, new SpoolProgress(folder, SpoolFile::onDisk));
    }

    AuditSpool(Path folder, SpoolFile.Opener opener, SpoolProgress progress) {
        this.folder = AtomicFiles.folder(folder);
        this.opener = opener;
        this.progress = progress;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path segment : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
                segments.put(start(segment), segment);
            }
            shipped = progress.exists() ? progress.read() : segments.isEmpty() ? 0 : segments.firstKey();
            requireNothingLost();
            // Now, while there is space: later it must not take any.
            progress.prepare(shipped);
            if (segments.isEmpty() || end(segments.lastEntry()) < shipped) {
                // What is missing at the end has reached Kafka: positions go on behind it.
                file = newSegment(shipped);
                written = shipped;
            } else {
                file = openLast();
                written = end(segments.lastEntry());
            }
            synced = written;
        } catch (IOException e) {
            throw new HomeException(
                    "the home folder is damaged: the audit spool " + folder + " cannot be used: " + e.getMessage(), e);
        }
    }

    /// What was cut off or found overwritten when the spool was opened.
    List<Loss> found() {
        return List.copyOf(found);
    }

    /// Writes one event (a JSON object without line breaks); durable when it returns.
    ///
    /// @throws IOException when it is not durable; nothing of it is kept then
    void append(byte[] json) throws IOException, Closed {
        var line = new byte[json.length + 1];
        System.arraycopy(json, 0, line, 0, json.length);
        line[json.length] = '\n';
        Batch mine;
        synchronized (writing) {
            if (closed) {
                throw new Closed();
            }
            repair();
            try {
                write(line);
            } catch (IOException e) {
                if (!reclaim()) {
                    throw e;
                }
                write(line);
            }
            written += line.length;
            mine = batch;
        }
        awaitDurable(mine);
    }

    /// Durable events after `position`, up to about `maxBytes`, at least one where there is one.
    SpoolPage read(long position, int maxBytes) {
        long end = synced;
        if (position >= end) {
            return SpoolPage.empty(position);
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
        try (var channel = Files.newByteChannel(segment.getValue())) {
            channel.position(position - segment.getKey());
            var input = new BufferedInputStream(Channels.newInputStream(channel), SCAN_BYTES);
            return SpoolPage.read(input, position, segmentEnd, maxBytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the audit spool " + folder, e);
        }
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
        progress.write(position);
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

    /// Closes the spool where it holds nothing that Kafka lacks. Answers whether it did: it may be removed then.
    boolean closeIfDrained() {
        synchronized (syncing) {
            synchronized (writing) {
                if (shipped < written) {
                    return false;
                }
                close();
                return true;
            }
        }
    }

    @Override
    public void close() {
        synchronized (writing) {
            closed = true;
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot close the audit spool " + folder, e);
            }
        }
    }

    /// Holds `writing`.
    private void write(byte[] line) throws IOException {
        try {
            file.write(ByteBuffer.wrap(line), written - segments.lastKey());
        } catch (IOException e) {
            tear(e);
            throw e;
        }
    }

    private void awaitDurable(Batch mine) throws IOException {
        synchronized (syncing) {
            if (!mine.durable && mine.failure == null) {
                sync();
            }
            if (mine.failure != null) {
                throw new IOException("cannot sync " + folder + ": " + mine.failure.getMessage(), mine.failure);
            }
        }
    }

    /// Makes the current batch durable, or fails it. Holds `syncing`.
    private void sync() {
        Batch current;
        long reached;
        SpoolFile open;
        synchronized (writing) {
            current = batch;
            batch = new Batch();
            reached = written;
            open = file;
        }
        try {
            open.force();
            synced = reached;
            current.durable = true;
            roll();
        } catch (IOException e) {
            synchronized (writing) {
                // Nobody knows what of it is on disk: whatever came since is taken back, and says so.
                current.failure = e;
                batch.failure = e;
                batch = new Batch();
                written = synced;
                tear(e);
            }
        }
    }

    /// Begins a new segment where the current one is full and wholly synced; where there is no space for one, the
    /// current one grows. Holds `syncing`.
    private void roll() {
        synchronized (writing) {
            if (closed || written != synced || written - segments.lastKey() < SEGMENT_BYTES) {
                return;
            }
            SpoolFile full = file;
            try {
                file = newSegment(written);
                full.close();
            } catch (IOException e) {
                LOG.atWarn().addKeyValue("spool", folder).setCause(e).log("cannot begin a new segment: going on in it");
            }
        }
    }

    /// A write or sync failed: a part of an event may lie behind `written`. Holds `writing`.
    private void tear(IOException cause) {
        torn = true;
        try {
            repair();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private void repair() throws IOException {
        if (torn) {
            file.truncate(written - segments.lastKey());
            torn = false;
        }
    }

    /// Gives the space of the current segment back where Kafka has all of it. A crash between the two steps leaves an
    /// empty segment that ends before what is shipped, which is nothing lost. Holds `writing`.
    private boolean reclaim() throws IOException {
        if (torn || shipped < written || written == segments.lastKey()) {
            return false;
        }
        file.truncate(0);
        Path old = segments.lastEntry().getValue();
        Path renamed = path(written);
        Files.move(old, renamed);
        segments.remove(segments.lastKey());
        segments.put(written, renamed);
        return true;
    }

    private SpoolFile newSegment(long start) throws IOException {
        Path path = path(start);
        SpoolFile opened = opener.open(path);
        try {
            AtomicFiles.syncFolder(folder);
        } catch (UncheckedIOException e) {
            opened.close();
            Files.deleteIfExists(path);
            throw e.getCause();
        }
        segments.put(start, path);
        return opened;
    }

    private Path path(long start) {
        return folder.resolve("%020d%s".formatted(start, SUFFIX));
    }

    /// Opens the last segment behind its last whole line.
    private SpoolFile openLast() throws IOException {
        Map.Entry<Long, Path> last = segments.lastEntry();
        long size = Files.size(last.getValue());
        long whole = wholeLines(last.getValue(), size);
        SpoolFile opened = opener.open(last.getValue());
        if (whole < size) {
            opened.truncate(whole);
            found.add(
                    new Loss(last.getKey() + whole, size - whole, "a part of an event at the end, never acknowledged"));
        }
        opened.force();
        return opened;
    }

    /// Segments follow each other without a gap, from what Kafka has on.
    private void requireNothingLost() throws IOException {
        long known = shipped;
        for (Map.Entry<Long, Path> segment : segments.entrySet()) {
            if (segment.getKey() > known) {
                throw new IOException("events from " + known + " to " + segment.getKey()
                        + " are missing: restore the segment, or write " + segment.getKey() + " into " + progress.file()
                        + " to go on without them");
            }
            Long next = segments.higherKey(segment.getKey());
            if (next != null && end(segment) > next && next >= shipped) {
                // An earlier release lost count of what a full disk had left.
                found.add(new Loss(next, end(segment) - next, "the end of a segment that the next one covers"));
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

    /// The size of all whole lines at the beginning of a file.
    private static long wholeLines(Path path, long size) throws IOException {
        try (var channel = Files.newByteChannel(path)) {
            for (long end = size; end > 0; ) {
                long begin = Math.max(0, end - SCAN_BYTES);
                var buffer = ByteBuffer.allocate((int) (end - begin));
                channel.position(begin);
                while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                    // Until all of it is there.
                }
                for (int i = buffer.position() - 1; i >= 0; i--) {
                    if (buffer.get(i) == '\n') {
                        return begin + i + 1;
                    }
                }
                end = begin;
            }
        }
        return 0;
    }
}
