package io.insula.node.logs;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.logs.LogOptions.Source;
import io.insula.node.runtime.Patience;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {

    private static final String T1 = "2026-01-01T00:00:01.000000001Z";
    private static final String T2 = "2026-01-01T00:00:02.000000002Z";
    private static final String T3 = "2026-01-01T00:00:03.000000003Z";

    private final Path folder;
    private final Path log;

    LogReaderTest(@TempDir Path folder) {
        this.folder = folder;
        this.log = folder.resolve("0.log");
    }

    @Test
    void putsPartsOfALineTogether() throws Exception {
        write(T1 + " stdout P a long \n", T1 + " stdout P line \n", T2 + " stdout F ends\n", T3 + " stdout F \n");
        assertThat(read(LogOptions.ALL)).isEqualTo("a long line ends\n\n");
        assertThat(read(with(Optional.empty(), Optional.empty(), true, Source.ALL)))
                .isEqualTo(T1 + " a long line ends\n" + T3 + " \n");
    }

    @Test
    void tailsLinesOfTheContainerNotOfTheFile() throws Exception {
        write(
                T1 + " stdout F first\n",
                T1 + " stdout P sec\n",
                T2 + " stdout P on\n",
                T2 + " stdout F d\n",
                T3 + " stdout F third\n");
        assertThat(read(tail(1))).isEqualTo("third\n");
        assertThat(read(tail(2))).isEqualTo("second\nthird\n");
        assertThat(read(tail(3))).isEqualTo("first\nsecond\nthird\n");
        assertThat(read(tail(9))).isEqualTo("first\nsecond\nthird\n");
        assertThat(read(tail(0))).isEmpty();
    }

    /// Over the reader's own blocks, and with a last line that has not ended.
    @Test
    void tailsLongFiles() throws Exception {
        var text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append(T1).append(" stdout F line ").append(i).append('\n');
        }
        text.append(T1).append(" stdout P not yet\n");
        write(text.toString());
        assertThat(read(tail(3))).isEqualTo("line 19998\nline 19999\nnot yet");
        assertThat(read(tail(15_000)).lines()).hasSize(15_000).startsWith("line 5001");
    }

    @Test
    void choosesByTimeStreamAndLength() throws Exception {
        write(T1 + " stdout F one\n", T2 + " stderr F two\n", T3 + " stdout F three\n");
        assertThat(read(with(Optional.of(Instant.parse(T2)), Optional.empty(), false, Source.ALL)))
                .isEqualTo("two\nthree\n");
        assertThat(read(with(Optional.empty(), Optional.empty(), false, Source.STDERR)))
                .isEqualTo("two\n");
        assertThat(read(with(Optional.empty(), Optional.empty(), false, Source.STDOUT)))
                .isEqualTo("one\nthree\n");
        assertThat(read(with(Optional.empty(), Optional.of(5L), false, Source.ALL)))
                .isEqualTo("one\nt");
        assertThat(read(with(Optional.empty(), Optional.of(0L), false, Source.ALL)))
                .isEmpty();
    }

    @Test
    void passesOverWhatIsNoLineOfALog() throws Exception {
        write("cut by a full di\n", T1 + " stdout F good\n", "\n", T1 + " stdnone F x\n", T2 + " stdout F better\n");
        assertThat(read(LogOptions.ALL)).isEqualTo("good\nbetter\n");
    }

    @Test
    void followsOverRotationsToTheEnd() throws Exception {
        write(T1 + " stdout F 1\n");
        var runs = new AtomicBoolean(true);
        var said = new ByteArrayOutputStream();
        var end = following(runs, said);
        Patience.until("the first line", () -> text(said).equals("1\n"));
        // twice before the reader looks, the second time in one go
        rotate("a");
        write(T1 + " stdout F 2\n");
        Patience.until("the second line", () -> text(said).equals("1\n2\n"));
        Files.writeString(log, T1 + " stdout F 3\n", StandardOpenOption.APPEND);
        rotate("b");
        write(T1 + " stdout F 4\n");
        rotate("c");
        write(T1 + " stdout F 5\n");
        Patience.until("all lines", () -> text(said).equals("1\n2\n3\n4\n5\n"));
        Files.writeString(log, T1 + " stdout F last\n", StandardOpenOption.APPEND);
        runs.set(false);
        end.get(2, TimeUnit.MINUTES);
        assertThat(text(said)).isEqualTo("1\n2\n3\n4\n5\nlast\n");
    }

    @Test
    void endsWhenNobodyListensAnyMore() throws Exception {
        write(T1 + " stdout F 1\n");
        var reader = new LogReader(log, follow(), () -> true, bytes -> true);
        var end = CompletableFuture.runAsync(() -> run(reader));
        reader.end();
        end.get(2, TimeUnit.MINUTES);
        run(new LogReader(log, follow(), () -> true, bytes -> false));
    }

    private CompletableFuture<Void> following(AtomicBoolean runs, ByteArrayOutputStream said) {
        var reader = new LogReader(log, follow(), runs::get, bytes -> {
            synchronized (said) {
                said.writeBytes(bytes);
            }
            return true;
        });
        return CompletableFuture.runAsync(() -> run(reader));
    }

    private void rotate(String suffix) throws IOException {
        Files.move(log, folder.resolve("0.log." + suffix));
    }

    private void write(String... lines) throws IOException {
        Files.writeString(log, String.join("", lines));
    }

    private String read(LogOptions options) throws Exception {
        var said = new ByteArrayOutputStream();
        new LogReader(log, options, () -> false, bytes -> {
                    said.writeBytes(bytes);
                    return true;
                })
                .read();
        return text(said);
    }

    private static void run(LogReader reader) {
        try {
            reader.read();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String text(ByteArrayOutputStream said) {
        synchronized (said) {
            return said.toString(StandardCharsets.UTF_8);
        }
    }

    private static LogOptions tail(long lines) {
        return new LogOptions(false, Optional.empty(), Optional.of(lines), Optional.empty(), false, Source.ALL);
    }

    private static LogOptions follow() {
        return new LogOptions(true, Optional.empty(), Optional.empty(), Optional.empty(), false, Source.ALL);
    }

    private static LogOptions with(Optional<Instant> since, Optional<Long> limit, boolean timestamps, Source source) {
        return new LogOptions(false, since, Optional.empty(), limit, timestamps, source);
    }
}
