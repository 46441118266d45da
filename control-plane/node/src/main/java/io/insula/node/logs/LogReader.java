package io.insula.node.logs;

import io.insula.reconcile.Backoff;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Reads one container's log once, over its rotations. Confined to one thread; [#end] may come from any.
///
/// Source: kubernetes, `pkg/kubelet/kuberuntime/logs/logs.go`.
public final class LogReader {

    private static final int BLOCK_BYTES = 64 * 1024;
    /// Longer parts of lines are not written by any runtime; they are passed on in pieces.
    private static final int LONGEST_LINE = 1024 * 1024;

    private static final Backoff PAUSES = new Backoff(Duration.ofMillis(10), Duration.ofMillis(200));

    private final Path path;
    private final LogOptions options;
    private final BooleanSupplier runs;
    private final Sink sink;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(BLOCK_BYTES);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean startsLine = true;
    private long left;

    /// Takes what is read.
    @FunctionalInterface
    public interface Sink {
        /// Blocks while there is no room.
        ///
        /// @return false when nothing more is wanted
        boolean take(byte[] bytes) throws IOException, InterruptedException;
    }

    /// @param runs whether the container may say more; asked when all has been read
    public LogReader(Path path, LogOptions options, BooleanSupplier runs, Sink sink) {
        this.path = path;
        this.options = options;
        this.runs = runs;
        this.sink = sink;
        this.left = options.limitBytes().orElse(Long.MAX_VALUE);
    }

    /// Whoever wanted it is gone.
    public void end() {
        ended.countDown();
    }

    /// Reads to the end: of the log, or, following, of the container.
    ///
    /// @throws NoSuchFileException when there is no log
    public void read() throws IOException, InterruptedException {
        FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        try {
            if (options.tailLines().isPresent()) {
                file.position(LogTail.begin(file, options.tailLines().get()));
            }
            Object key = key(path);
            Backoff.Row pauses = PAUSES.row();
            while (true) {
                // asked first: what it said before its end is in the file then
                boolean mayGoOn = options.follow() && runs.getAsBoolean();
                Optional<Path> later = options.follow() ? RotatedLogs.after(path, key) : Optional.empty();
                long before = file.position();
                if (!drain(file)) {
                    return;
                }
                if (file.position() > before) {
                    pauses.reset();
                } else if (later.isPresent()) {
                    file.close();
                    file = FileChannel.open(later.get(), StandardOpenOption.READ);
                    key = key(later.get());
                } else if (!mayGoOn || ended.await(pauses.next().toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } finally {
            file.close();
        }
    }

    private static Object key(Path file) throws IOException {
        return Objects.requireNonNull(
                Files.readAttributes(file, BasicFileAttributes.class).fileKey(), "files without keys");
    }

    /// All that is there now.
    ///
    /// @return false when nothing more is wanted
    private boolean drain(FileChannel file) throws IOException, InterruptedException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        while (file.read(block) > 0) {
            byte[] bytes = block.array();
            int from = 0;
            for (int i = 0; i < block.position(); i++) {
                if (bytes[i] == '\n') {
                    line.write(bytes, from, i - from);
                    from = i + 1;
                    if (!lineDone()) {
                        flush();
                        return false;
                    }
                }
            }
            line.write(bytes, from, block.position() - from);
            if (line.size() > LONGEST_LINE && !lineDone()) {
                flush();
                return false;
            }
            block.clear();
            if (!flush()) {
                return false;
            }
        }
        return ended.getCount() > 0;
    }

    private boolean lineDone() {
        var parsed = LogLine.parse(line.toByteArray());
        line.reset();
        if (parsed.isEmpty() || !isWanted(parsed.get())) {
            return true;
        }
        LogLine said = parsed.get();
        if (options.timestamps() && startsLine) {
            put((said.time() + " ").getBytes(StandardCharsets.UTF_8));
        }
        put(said.text());
        if (said.isWhole()) {
            put(new byte[] {'\n'});
        }
        startsLine = said.isWhole();
        return left > 0;
    }

    private boolean isWanted(LogLine said) {
        boolean source = switch (options.source()) {
            case ALL -> true;
            case STDOUT -> said.isStdout();
            case STDERR -> !said.isStdout();
        };
        return source && options.since().map(said::isSince).orElse(true);
    }

    private void put(byte[] bytes) {
        int length = (int) Math.min(bytes.length, left);
        out.write(bytes, 0, length);
        left -= length;
    }

    private boolean flush() throws IOException, InterruptedException {
        if (out.size() == 0) {
            return true;
        }
        byte[] piece = out.toByteArray();
        out.reset();
        return sink.take(piece);
    }
}
