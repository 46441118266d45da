package io.insula.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.audit.AuditSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
final class AuditTrailTest {

    @TempDir
    private Path folder;

    private final FailingDisk disk = new FailingDisk();
    private final RecordingOutlet outlet = new RecordingOutlet();

    @AfterEach
    void acknowledge() {
        outlet.sent().forEach(s -> s.acknowledged().complete("late"));
    }

    @Test
    void recordsWhatIsUnderWayFromTheReserveAndRefusesTheRest() {
        try (var trail = trail()) {
            AuditSink acme = trail.sink("acme");
            disk.free(0);
            // The reserve goes, which a real disk would count: so does this one.
            assertThatThrownBy(() -> accept(acme, "under way")).isInstanceOf(AuditSink.Unavailable.class);
            assertThatThrownBy(acme::requireTaking)
                    .isInstanceOf(AuditSink.Unavailable.class)
                    .hasMessageContaining("no space left")
                    .hasMessageNotContaining(folder.toString());
            assertThat(trail.isRefusing()).isTrue();

            disk.free(Long.MAX_VALUE);
            awaitTaking(acme);
            accept(acme, "after");
            await(() -> outlet.texts("acme").contains("after"));

            assertThat(trail.isRefusing()).isFalse();
            assertThat(outlet.texts("acme")).doesNotContain("under way");
            assertThat(told("acme"))
                    .as("the trail says that events are missing")
                    .hasSize(1);
        }
    }

    @Test
    void keepsNoSpoolOfATenantThatIsGone() {
        try (var trail = trail()) {
            outlet.acknowledging(false);
            AuditSink acme = trail.sink("acme");
            accept(acme, "1");
            await(() -> outlet.sent().size() == 1);
            trail.release("acme");
            assertThat(folder.resolve("acme")).as("while Kafka lacks events").isDirectory();
            outlet.acknowledging(true);
            outlet.sent().getFirst().acknowledged().complete("there");
            await(() -> !Files.exists(folder.resolve("acme")));
            assertThat(openFiles("acme")).isEmpty();

            accept(acme, "of its last request");
            await(() -> outlet.texts("acme").contains("of its last request"));
            await(() -> !Files.exists(folder.resolve("acme")));
        }
    }

    @Test
    void keepsTheSpoolOfATenantThatLives() {
        try (var trail = trail()) {
            AuditSink acme = trail.sink("acme");
            AuditSink globex = trail.sink("globex");
            accept(acme, "1");
            accept(globex, "1");
            trail.release("globex");
            await(() -> !Files.exists(folder.resolve("globex")));
            assertThat(folder.resolve("acme")).isDirectory();
        }
    }

    @Test
    void losesNothingWhereSpoolsComeAndGo() {
        try (var trail = trail()) {
            AuditSink acme = trail.sink("acme");
            trail.release("acme");
            for (int i = 0; i < 300; i++) {
                accept(acme, Integer.toString(i));
            }
            await(() -> trail.isDrained());
            assertThat(outlet.texts("acme"))
                    .containsExactlyElementsOf(Stream.iterate(0, i -> i + 1)
                            .limit(300)
                            .map(String::valueOf)
                            .toList());
        }
    }

    @Test
    void saysInTheTrailWhatACrashTore() throws Exception {
        outlet.away(true);
        try (var trail = trail()) {
            accept(trail.sink("acme"), "whole");
        }
        Files.writeString(
                folder.resolve("acme").resolve("%020d.ndjson".formatted(0)), "{\"torn", StandardOpenOption.APPEND);
        outlet.away(false);
        try (var _ = trail()) {
            await(() -> told("acme").size() == 1);
            assertThat(outlet.texts("acme").getFirst()).isEqualTo("whole");
        }
    }

    static boolean mayMount() {
        return System.getProperty("user.name").equals("root") && Files.isExecutable(Path.of("/usr/bin/mount"));
    }

    /// A real file system without space, which needs root to be made.
    @Test
    @EnabledIf("mayMount")
    void survivesARealDiskThatIsFull() throws Exception {
        Path mount = Files.createDirectory(folder.resolve("disk"));
        run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", mount.toString());
        try {
            Path ballast = mount.resolve("ballast");
            outlet.away(true);
            try (var trail = new AuditTrail(mount.resolve("audit"), SpoolFile::onDisk, outlet, Clock.systemUTC())) {
                AuditSink acme = trail.sink("acme");
                accept(acme, "first");
                fill(ballast);
                int recorded = acceptUntilRefused(acme);
                assertThat(recorded).as("events that the reserve took").isGreaterThan(100);
                assertThat(trail.isRefusing()).isTrue();

                Files.delete(ballast);
                awaitTaking(acme);
                accept(acme, "last");
                outlet.away(false);
                await(() -> outlet.texts("acme").contains("last"));

                assertThat(outlet.texts("acme")).startsWith("first").contains("last", "under way " + (recorded - 1));
                assertThat(outlet.texts("acme").stream().filter(t -> t.startsWith("under way")))
                        .hasSize(recorded);
                assertThat(told("acme")).hasSize(1);
                await(() -> trail.isDrained());
            }
        } finally {
            run("umount", mount.toString());
        }
    }

    /// Answers how many events were recorded.
    private static int acceptUntilRefused(AuditSink sink) {
        String padding = "x".repeat(8000);
        for (int i = 0; ; i++) {
            try {
                sink.accept(Json.object()
                        .put("kind", "Event")
                        .put("text", "under way " + i)
                        .put("padding", padding));
            } catch (AuditSink.Unavailable e) {
                return i;
            }
        }
    }

    private static void fill(Path ballast) throws IOException {
        try (var output = Files.newOutputStream(ballast)) {
            while (true) {
                output.write(new byte[4096]);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(String.join(" ", command)).isZero();
    }

    private AuditTrail trail() {
        return new AuditTrail(folder, disk, outlet, Clock.systemUTC());
    }

    /// Events by which the trail tells that it has gaps: those without a text of this test.
    private List<String> told(String tenant) {
        return outlet.texts(tenant).stream().filter(String::isEmpty).toList();
    }

    private static void accept(AuditSink sink, String text) {
        sink.accept(Json.object().put("kind", "Event").put("text", text));
    }

    private static void awaitTaking(AuditSink sink) {
        await(() -> {
            try {
                sink.requireTaking();
                return true;
            } catch (AuditSink.Unavailable e) {
                return false;
            }
        });
    }

    private static List<Path> openFiles(String name) {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.map(AuditTrailTest::target)
                    .filter(target -> target.toString().contains("/" + name + "/"))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path target(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            // Closed meanwhile.
            return Path.of("");
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
