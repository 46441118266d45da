package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A day of backups, by the command, of one service: asked for, scheduled, of a sleeper, of one that is gone.
final class BackupTest {

    private static final Pattern TAKEN = Pattern.compile("backup ([0-9TZ]+-[0-9a-f]{4}) of tenant");

    /// As often as a scheduled backup would have been due.
    private static final Duration SEVERAL_TIMES = Duration.ofSeconds(8);

    @TempDir
    private Path home;

    @Test
    void backsTenantsUpAndProvesIt() throws IOException {
        var terminal = new Terminal(home);
        try (var _ = InsulaService.start(InsulaService.Options.of(home), _ -> {})) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            try (KubernetesClient acme = terminal.client("acme")) {
                acme.resource(map("kept")).create();
            }

            String asked = taken(terminal.insula("tenant", "backup", "acme"));
            assertThat(terminal.insula("tenant", "backup", "verify", "acme")).contains(asked, "is intact");
            assertThat(terminal.insula("tenant", "backup", "list", "acme"))
                    .containsPattern(asked + " .* request .* Intact ");
            Patience.await("it is told", () -> {
                String told = terminal.insula("tenant", "get", "acme", "-o", "json");
                return told.contains("BackedUp") && told.contains(asked);
            });
            assertThat(terminal.insula("tenant", "backup", "delete", "acme", "20200101T000000Z-0000"))
                    .contains("no backup");
            assertThat(terminal.insula("tenant", "backup", "list", "nobody")).contains("not found");
            assertThat(terminal.type("tenant", "backup", "schedule", "acme", "--every", "soon")
                            .code())
                    .isNotZero();

            assertThat(terminal.insula("tenant", "backup", "schedule", "acme", "--every", "1s", "--keep", "2"))
                    .contains("every 1s");
            Patience.await(
                    "several were taken, and the newest kept",
                    () -> scheduled(terminal).size() == 2
                            && !scheduled(terminal).equals(first(terminal)));
            assertThat(terminal.insula("tenant", "backup", "list", "acme")).contains(asked);
            assertThat(terminal.insula("tenant", "backup", "schedule", "acme", "--every", "never"))
                    .contains("only when asked for");

            assertThat(terminal.insula("tenant", "sleep", "acme")).contains("sleeps");
            String ofSleeper = taken(terminal.insula("tenant", "backup", "acme"));
            Patience.await("it sleeps again", () -> terminal.ready("acme").contains("Asleep"));
            String before = terminal.type("tenant", "backup", "list", "acme").output();
            terminal.insula("tenant", "backup", "schedule", "acme", "--every", "1s");
            LockSupport.parkNanos(SEVERAL_TIMES.toNanos());
            assertThat(terminal.type("tenant", "backup", "list", "acme").output())
                    .as("a sleeper is not woken for what is in its last backup")
                    .isEqualTo(before);
            assertThat(terminal.ready("acme")).contains("Asleep");

            assertThat(terminal.insula("tenant", "delete", "acme", "--no-wait")).contains("being deleted");
            assertThat(terminal.insula("tenant", "backup", "acme"))
                    .containsAnyOf("is being deleted", "not found", "cannot be written")
                    .doesNotContain("its key is in");
            Patience.await(
                    "nothing of it is left",
                    () -> terminal.insula("tenant", "get", "acme").contains("not found"));
            assertThat(terminal.insula("tenant", "backup", "list", "acme")).doesNotContain("Unreadable");
            assertThat(terminal.insula("tenant", "backup", "verify", "acme", ofSleeper))
                    .contains("is intact");
            assertThat(terminal.insula("tenant", "backup", "delete", "acme", asked))
                    .contains("gone");
            assertThat(terminal.insula("tenant", "backup", "list", "acme"))
                    .contains(ofSleeper)
                    .doesNotContain(asked);
            assertThat(Files.isDirectory(home.resolve("tenants/acme"))).isFalse();
            assertThat(home.resolve("scratch")).doesNotExist();
            nobodyElseReads(home.resolve("backups"));
        }
    }

    private List<String> firstScheduled = List.of();

    /// Those that were there when it was first asked.
    private List<String> first(Terminal terminal) {
        if (firstScheduled.isEmpty()) {
            firstScheduled = scheduled(terminal);
        }
        return firstScheduled;
    }

    private static List<String> scheduled(Terminal terminal) {
        return terminal.type("tenant", "backup", "list", "acme")
                .output()
                .lines()
                .filter(line -> line.contains(" schedule "))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
    }

    private static String taken(String said) {
        var matcher = TAKEN.matcher(said);
        assertThat(matcher.find()).as(said).isTrue();
        assertThat(said).contains("backup.key");
        return matcher.group(1);
    }

    private static void nobodyElseReads(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            assertThat(all)
                    .allSatisfy(each -> assertThat(Files.getPosixFilePermissions(each))
                            .allMatch(permission -> permission.name().startsWith("OWNER")));
        }
    }

    private static ConfigMap map(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build();
    }
}
