package io.insula.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.HomeException;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditSpoolTest {

    @TempDir
    private Path folder;

    @Test
    void readsBackInOrderAfterReopening() {
        try (var spool = new AuditSpool(folder)) {
            append(spool, "1", "2");
        }
        try (var spool = new AuditSpool(folder)) {
            append(spool, "3");
            assertThat(texts(spool)).containsExactly("1", "2", "3");
        }
    }

    @Test
    void goesOnWhereKafkaStopped() {
        try (var spool = new AuditSpool(folder)) {
            append(spool, "1", "2", "3");
            spool.markShipped(spool.read(0, 1).end());
        }
        try (var spool = new AuditSpool(folder)) {
            assertThat(texts(spool)).containsExactly("2", "3");
            assertThat(spool.hasUnshipped()).isTrue();
        }
    }

    @Test
    void cutsOffALineThatACrashTore() throws Exception {
        try (var spool = new AuditSpool(folder)) {
            append(spool, "whole");
        }
        Files.writeString(segment(), "torn", StandardOpenOption.APPEND);
        try (var spool = new AuditSpool(folder)) {
            assertThat(spool.found())
                    .singleElement()
                    .satisfies(loss -> assertThat(loss.bytes()).isEqualTo(4));
            append(spool, "next");
            assertThat(texts(spool)).containsExactly("whole", "next");
        }
    }

    @Test
    void goesOnBehindWhatKafkaHasWhenShippedEventsAreLost() throws Exception {
        try (var spool = new AuditSpool(folder)) {
            append(spool, "1", "2");
            spool.markShipped(2 * json("1").length + 2);
        }
        Files.writeString(segment(), "");
        try (var spool = new AuditSpool(folder)) {
            append(spool, "3");
            assertThat(texts(spool)).containsExactly("3");
        }
        try (var spool = new AuditSpool(folder)) {
            assertThat(texts(spool)).containsExactly("3");
        }
    }

    @Test
    void refusesToForgetEventsThatKafkaLacks() throws Exception {
        String big = "x".repeat(5 << 20);
        try (var spool = new AuditSpool(folder)) {
            append(spool, big, big, "last");
        }
        Files.writeString(segment(), "");

        assertThatThrownBy(() -> new AuditSpool(folder))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("missing")
                .hasMessageContaining("shipped");
    }

    @Test
    void refusesAPositionThatIsNoNumber() throws Exception {
        try (var spool = new AuditSpool(folder)) {
            append(spool, "1");
        }
        Files.writeString(folder.resolve("shipped"), "");

        assertThatThrownBy(() -> new AuditSpool(folder))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("shipped");
    }

    @Test
    void removesSegmentsThatKafkaHas() throws Exception {
        String big = "x".repeat(3 << 20);
        try (var spool = new AuditSpool(folder)) {
            append(spool, big, big, big, big, "last");
            long position = 0;
            while (position < 4L * (json(big).length + 1)) {
                position = spool.read(position, 1).end();
            }
            spool.markShipped(position);
            assertThat(texts(spool)).containsExactly("last");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.filter(f -> f.toString().endsWith(".ndjson"))).hasSize(1);
        }
    }

    @Test
    void losesNothingUnderManyWriters() {
        try (var spool = new AuditSpool(folder)) {
            try (var writers = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 500; i++) {
                    String line = "line " + i;
                    writers.execute(() -> append(spool, line));
                }
            }
            assertThat(texts(spool)).hasSize(500).doesNotHaveDuplicates();
        }
    }

    private Path segment() throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".ndjson"))
                    .sorted()
                    .findFirst()
                    .orElseThrow();
        }
    }

    static byte[] json(String text) {
        return ("{\"kind\":\"Event\",\"text\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    static void append(AuditSpool spool, String... texts) {
        for (String text : texts) {
            try {
                spool.append(json(text));
            } catch (IOException | AuditSpool.Closed e) {
                throw new AssertionError(e);
            }
        }
    }

    /// What is not shipped, without damage.
    static List<String> texts(AuditSpool spool) {
        var all = new ArrayList<String>();
        long at = spool.shipped();
        for (var page = spool.read(at, 100); page.end() > at; page = spool.read(at, 100)) {
            page.entries().forEach(entry -> all.add(text(entry.line())));
            at = page.end();
        }
        return all;
    }

    static String text(byte[] event) {
        return Json.parse(event).path("text").asText();
    }
}
