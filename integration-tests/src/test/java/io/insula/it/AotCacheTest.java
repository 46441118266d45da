package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The service's ahead-of-time cache: made by a service of its own, used by the next start, never in anybody's way.
@Order(Integer.MAX_VALUE - 5)
final class AotCacheTest {

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String SERVICE = "io.insula.controlplane.service.ServiceMain";
    private static final String TRAINING = "-Dinsula.training=";

    @TempDir
    private Path folder;

    private final Installation insula = new Installation();

    @AfterEach
    void stop() {
        insula.close();
    }

    @Test
    void isMadeOnceUsedByTheNextStartAndLeavesNothingElse() throws Exception {
        Run made = insula.insulaAfter(withCache(), "train", "--rounds=1");
        assertThat(made.ok()).as(made.err()).startsWith("made in");
        assertThat(caches()).hasSize(1);
        assertNothingIsLeftOfTheTraining();
        assertThat(insula.insulaAfter(withCache(), "train").ok()).contains("there already");

        String up = insula.insulaAfter(withCache(logOfClasses()), "up").ok();
        assertThat(up).doesNotContain("[aot]");
        assertThat(loadedByTheService())
                .as("what was trained comes from the cache")
                .anyMatch(line -> line.contains(" io.insula.controlplane.service.InsulaService source: shared objects"))
                .anyMatch(line -> line.contains(" io.insula.tenantapi.") && line.contains("source: shared objects"));
        assertThat(insula.processes(TRAINING))
                .as("one that is there is not made again")
                .isEmpty();

        Files.delete(caches().getFirst());
        insula.insulaAfter(withCache(), "up").ok();
        Installation.await(
                "one that is not there is made in the background",
                PATIENCE,
                () -> insula.processes(SERVICE).size() == 2);
        assertThat(insula.processes(TRAINING))
                .hasSize(1)
                .allSatisfy(training -> assertThat(niceness(training)).isEqualTo("19"));
        insula.insula("down").ok();
        assertThat(insula.processes("")).as("`down` ends it, too").isEmpty();
        assertThat(caches()).isEmpty();
        assertNothingIsLeftOfTheTraining();
    }

    @Test
    void isEndedByDownWhereverItStands() throws Exception {
        Path log = folder.resolve("train.log");
        Process training = insula.start(log, withCache(), "train");
        Installation.await(
                "its service runs", PATIENCE, () -> !insula.processes(SERVICE).isEmpty());
        assertThat(insula.insula("status").failed())
                .as("it is nobody's service")
                .contains("nothing runs");

        insula.insula("down").ok();

        assertThat(training.waitFor()).isNotZero();
        assertThat(insula.processes("")).isEmpty();
        assertThat(caches()).isEmpty();
        assertNothingIsLeftOfTheTraining();
    }

    private List<String> withCache(String... flags) {
        return List.of(
                "/usr/bin/env", "JAVA_TOOL_OPTIONS=-Dinsula.aot.folder=" + folder + " " + String.join(" ", flags));
    }

    /// What the class loader of each JVM says, by process.
    private String logOfClasses() {
        return "-Xlog:class+load:file=" + folder + "/load-%p.log";
    }

    private List<String> loadedByTheService() throws IOException {
        ProcessHandle service = insula.processes(SERVICE).getFirst();
        return Files.readAllLines(folder.resolve("load-" + service.pid() + ".log"));
    }

    private List<Path> caches() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().contains(".aot"))
                    .toList();
        }
    }

    private void assertNothingIsLeftOfTheTraining() {
        assertThat(insula.home().resolve("cache/training")).doesNotExist();
    }

    /// Source: proc(5), `/proc/pid/stat`, field 19, counted behind the name, which may hold blanks.
    private static String niceness(ProcessHandle process) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16];
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
