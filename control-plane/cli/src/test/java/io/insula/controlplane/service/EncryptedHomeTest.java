package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.keys.FoundKeys;
import io.insula.controlplane.keys.KeySource;
import io.insula.process.Survivors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A thief of the disk looks at a home after a day of its tenants, while it runs and afterwards: no private key is
/// there to be had. Its service needs the key, whichever it has by then, and goes on.
final class EncryptedHomeTest {

    private static final Pattern TAKEN = Pattern.compile("backup ([0-9TZ]+-[0-9a-f]{4}) of tenant");
    private static final Pattern KEY_FILE = Pattern.compile("--key-file=(\\S+)");

    @TempDir
    private Path folder;

    @Test
    void hasNoPrivateKeyThatAnybodyCouldTake() throws IOException {
        Path home = folder.resolve("home");
        var terminal = new Terminal(home);
        assertThat(terminal.insula("keys", "show")).contains("not encrypted");
        InsulaService.start(ServicePlan.of(home), _ -> {}).close();
        assertThat(FoundKeys.in(home))
                .as("what a home has without")
                .contains(
                        home.resolve("admin/ca.key"), home.resolve("host/pki/sa.key"), home.resolve("kafka/server.pem"))
                .hasSizeGreaterThan(15);
        assertThat(terminal.insula("keys", "new", folder.resolve("key").toString()))
                .contains("keep a copy");
        assertThat(terminal.insula("keys", "new", folder.resolve("next").toString()))
                .contains("keep a copy");

        var shown = new TreeSet<Path>();
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KeySource.file(folder.resolve("key"))), _ -> {})) {
            assertThat(FoundKeys.in(home)).as("what was there before").isEmpty();
            spendADay(terminal);
            shown.addAll(shownToEtcds(home));
            assertThat(shown).as("one folder for each etcd").hasSize(4);
            assertThat(FoundKeys.in(home)).isEmpty();
            assertThat(Files.exists(home.resolve("backups/acme"))).isTrue();
        }
        assertThat(FoundKeys.in(home)).isEmpty();
        assertThat(shown).as("nothing runs that reads them").noneMatch(Files::exists);

        Files.delete(folder.resolve("key"));
        Files.move(folder.resolve("next"), folder.resolve("away"));
        assertThatThrownBy(() -> InsulaService.start(ServicePlan.of(home), _ -> {}))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("there is no key file " + folder.resolve("next"));
        assertThat(Survivors.withArgumentPrefix("--data-dir=" + home)).isEmpty();
        Files.move(folder.resolve("away"), folder.resolve("next"));
        try (var _ = InsulaService.start(ServicePlan.of(home), _ -> {});
                KubernetesClient acme = terminal.client("acme");
                KubernetesClient copy = terminal.client("copy")) {
            for (KubernetesClient each : List.of(acme, copy)) {
                assertThat(each.configMaps()
                                .inNamespace("default")
                                .withName("kept")
                                .get())
                        .isNotNull();
            }
            assertThat(FoundKeys.in(home)).isEmpty();
        }
    }

    /// All that writes keys anew, or copies them.
    private void spendADay(Terminal terminal) {
        done(terminal, "tenant", "create", "acme");
        try (KubernetesClient acme = terminal.client("acme")) {
            acme.resource(map("kept")).create();
        }
        done(terminal, "tenant", "rotate", "acme", "--keys", "service-account");
        done(terminal, "tenant", "rotate", "acme", "--keys", "ca");
        String backup = taken(terminal);
        done(terminal, "tenant", "rotate", "acme", "--keys", "service-account", "--finish");
        done(terminal, "tenant", "backup", "verify", "acme", backup);
        done(terminal, "keys", "rotate", "--key-file", folder.resolve("next").toString());
        assertThat(terminal.insula("keys", "show"))
                .contains(folder.resolve("next").toString());
        Patience.await(
                "both changes are in the trail",
                () -> terminal.insula("audit", "tail", "-n", "1000", "-o", "json")
                        .contains("\"insula.io/key-change\":\"rotate\""));
        assertThat(terminal.insula("audit", "tail", "-n", "1000", "-o", "json"))
                .contains("\"insula.io/key-change\":\"encrypt\"");
        done(terminal, "tenant", "restore", "acme", backup, "--as", "copy");
        done(terminal, "tenant", "create", "later");
        done(terminal, "tenant", "sleep", "later");
        try (KubernetesClient later = terminal.client("later")) {
            later.resource(map("awake")).create();
        }
        done(terminal, "tenant", "delete", "acme");
        done(terminal, "tenant", "restore", "acme", backup);
        assertThat(terminal.type("keys", "show").code())
                .as("all of them: " + terminal.insula("keys", "show"))
                .isZero();
    }

    private static String taken(Terminal terminal) {
        String said = terminal.insula("tenant", "backup", "acme");
        var matcher = TAKEN.matcher(said);
        assertThat(matcher.find()).as(said).isTrue();
        return matcher.group(1);
    }

    private static void done(Terminal terminal, String... words) {
        Terminal.Said said = terminal.type(words);
        assertThat(said.code()).as(said.output() + said.error()).isZero();
    }

    /// Folders of the keys that the etcds of a home read.
    private static List<Path> shownToEtcds(Path home) {
        return Survivors.withArgumentPrefix("--data-dir=" + home).stream()
                .flatMap(each ->
                        KEY_FILE.matcher(String.join(" ", each.arguments())).results())
                .map(found -> Path.of(found.group(1)))
                .peek(file -> assertThat(FoundKeys.in(file)).isNotEmpty())
                .map(file -> file.resolveSibling(""))
                .toList();
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
