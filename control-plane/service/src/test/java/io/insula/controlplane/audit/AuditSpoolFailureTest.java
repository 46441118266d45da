package io.insula.controlplane.audit;

import static io.insula.controlplane.audit.AuditSpoolTest.append;
import static io.insula.controlplane.audit.AuditSpoolTest.json;
import static io.insula.controlplane.audit.AuditSpoolTest.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.audit.SpoolPage.Loss;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The disk is full, or fails: an acknowledged event is whole, and all others left no trace.
@Timeout(300)
final class AuditSpoolFailureTest {

    @TempDir
    private Path folder;

    private final FailingDisk disk = new FailingDisk();

    @Test
    void acknowledgesNothingThatIsNotSynced() {
        var durable = new AtomicLong();
        try (var spool = new AuditSpool(folder, disk)) {
            for (int i = 1; i <= 5; i++) {
                disk.beforeForce(() -> durable.set(size()));
                append(spool, "event " + i);

                assertThat(durable).as("synced when append returns").hasValue(size());
                assertThat(disk.forces()).isEqualTo(i);
            }
        }
    }

    @Test
    void showsNobodyWhatIsNotSynced() {
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, "1");
            disk.beforeForce(() -> assertThat(texts(spool)).doesNotContain("2"));
            append(spool, "2");
            assertThat(texts(spool)).containsExactly("1", "2");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 10, 31})
    void leavesNothingOfAnEventThatDidNotFit(int fitting) {
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, "before");
            disk.free(fitting);
            assertThatThrownBy(() -> spool.append(json("refused")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(FailingDisk.FULL);
            disk.free(Long.MAX_VALUE);
            append(spool, "after", "and on");

            assertThat(texts(spool)).containsExactly("before", "after", "and on");
        }
        assertReopenedHolds("before", "after", "and on");
    }

    @Test
    void writesNothingBehindAPartThatCannotBeCutOff() {
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, "before");
            disk.free(7);
            disk.failTruncate(true);
            assertThatThrownBy(() -> spool.append(json("refused"))).isInstanceOf(IOException.class);
            disk.free(Long.MAX_VALUE);
            assertThatThrownBy(() -> spool.append(json("refused, too"))).isInstanceOf(IOException.class);
            assertThat(texts(spool)).containsExactly("before");

            disk.failTruncate(false);
            append(spool, "after");
            assertThat(texts(spool)).containsExactly("before", "after");
        }
        assertReopenedHolds("before", "after");
    }

    @Test
    void takesBackWhatASyncDidNotMakeDurable() {
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, "before");
            disk.failForce(true);
            assertThatThrownBy(() -> spool.append(json("refused"))).hasMessageContaining("Input/output error");
            disk.failForce(false);
            append(spool, "after");

            assertThat(texts(spool)).containsExactly("before", "after");
        }
        assertReopenedHolds("before", "after");
    }

    /// Two appends share a sync that fails; a third that follows at once must not make them look durable.
    @Test
    void failsEveryAppendOfAFailedSync() throws Exception {
        var failed = new ArrayList<Throwable>();
        var inSync = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var first = new AtomicBoolean(true);
        try (var spool = new AuditSpool(folder, disk)) {
            disk.failForce(true);
            disk.beforeForce(() -> {
                if (first.getAndSet(false)) {
                    inSync.countDown();
                    awaitQuietly(goOn);
                }
            });
            try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
                writers.execute(() -> appendFailing(spool, "one", failed));
                assertThat(inSync.await(2, TimeUnit.MINUTES)).isTrue();
                long before = size();
                writers.execute(() -> appendFailing(spool, "two", failed));
                while (size() == before && failed.isEmpty()) {
                    LockSupport.parkNanos(1_000_000);
                }
                goOn.countDown();
            }
            assertThat(failed).hasSize(2);
            disk.failForce(false);
            append(spool, "three");
            assertThat(texts(spool)).containsExactly("three");
        }
        assertReopenedHolds("three");
    }

    @Test
    void goesOnInAFullSegmentWhereThereIsNoSpaceForAnother() {
        String big = "x".repeat(9 << 20);
        try (var spool = new AuditSpool(folder, disk)) {
            disk.failOpen(true);
            append(spool, big, "next");
            disk.failOpen(false);
            append(spool, "in another", "last");

            assertThat(texts(spool)).containsExactly(big, "next", "in another", "last");
        }
        assertReopenedHolds(big, "next", "in another", "last");
    }

    @Test
    void givesTheSpaceOfShippedEventsBackWhenTheDiskIsFull() {
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, "shipped", "shipped, too");
            spool.markShipped(spool.read(0, 1 << 20).end());
            long shipped = spool.shipped();
            disk.free(3);
            assertThatThrownBy(() -> spool.append(json("refused"))).isInstanceOf(IOException.class);
            assertThat(size()).as("of the segment").isZero();
            disk.free(Long.MAX_VALUE);
            append(spool, "after");

            assertThat(texts(spool)).containsExactly("after");
            assertThat(spool.shipped()).isEqualTo(shipped);
        }
        assertReopenedHolds("after");
    }

    @Test
    void remembersProgressWithoutMoreSpace() throws Exception {
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, "1", "2", "3");
            spool.markShipped(json("1").length + 1);
            Object inode = Files.getAttribute(folder.resolve("shipped"), "unix:ino");
            spool.markShipped(2L * (json("1").length + 1));

            assertThat(Files.getAttribute(folder.resolve("shipped"), "unix:ino"))
                    .isEqualTo(inode);
        }
        assertReopenedHolds("3");
    }

    @Test
    void stepsOverGarbageAndSaysSo() throws Exception {
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, "before");
        }
        Files.write(segment(), new byte[100], StandardOpenOption.APPEND);
        Files.writeString(segment(), "\n", StandardOpenOption.APPEND);
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, "after");
            assertThat(texts(spool)).containsExactly("before", "after");
            SpoolPage page = spool.read(0, 1 << 20);
            assertThat(page.losses()).containsExactly(new Loss(json("before").length + 1, 101, "not an event"));
            spool.markShipped(page.end());
            assertThat(spool.hasUnshipped()).isFalse();
        }
    }

    /// As an earlier release left it.
    @Test
    void recoversAnEventThatIsGluedToAPartOfAnother() throws Exception {
        Files.writeString(
                folder.resolve("%020d.ndjson".formatted(0)),
                "{\"kind\":\"Event\",\"text\":\"bro" + new String(json("whole"), StandardCharsets.UTF_8) + "\n"
                        + new String(json("next"), StandardCharsets.UTF_8) + "\n");
        try (var spool = new AuditSpool(folder, disk)) {
            assertThat(texts(spool)).containsExactly("whole", "next");
            assertThat(spool.read(0, 1).losses()).containsExactly(new Loss(0, 27, "a part of an event"));
        }
    }

    @Test
    void stepsOverTheTornEndOfAFullSegment() throws Exception {
        String big = "x".repeat(9 << 20);
        try (var spool = new AuditSpool(folder, disk)) {
            append(spool, big, "next");
        }
        byte[] content = Files.readAllBytes(segment());
        content[content.length - 1] = 'x';
        Files.write(segment(), content);
        try (var spool = new AuditSpool(folder, disk)) {
            assertThat(texts(spool)).containsExactly("next");
        }
    }

    private void assertReopenedHolds(String... texts) {
        try (var spool = new AuditSpool(folder)) {
            assertThat(texts(spool)).containsExactly(texts);
            assertThat(spool.found()).isEmpty();
        }
    }

    private static void appendFailing(AuditSpool spool, String text, List<Throwable> failed) {
        try {
            spool.append(json(text));
        } catch (IOException | AuditSpool.Closed e) {
            synchronized (failed) {
                failed.add(e);
            }
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long size() {
        try {
            return Files.size(segment());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path segment() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".ndjson"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }
}
