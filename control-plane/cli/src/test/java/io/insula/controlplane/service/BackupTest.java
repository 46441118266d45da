package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.process.OneKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A day of backups, by the command, of one service: asked for, scheduled, of a sleeper, of one that is gone.
final class BackupTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final Pattern TAKEN = Pattern.compile("backup ([0-9TZ]+-[0-9a-f]{4}) of tenant");

    /// As often as a scheduled backup would have been due.
    private static final Duration SEVERAL_TIMES = Duration.ofSeconds(8);

    @TempDir
    private Path home;

    @Test
    void backsTenantsUpAndProvesIt() throws IOException {
        var terminal = new Terminal(home);
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
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

    /// A drill: an old backup is restored, the service dies, and what came after the backup is there until
    /// somebody says that it goes.
    @Test
    void setsATenantBackAndKeepsWhatCameLaterOnTheHost() throws IOException {
        var terminal = new Terminal(home);
        String backup;
        String newer;
        String given;
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            try (KubernetesClient acme = terminal.client("acme");
                    KubernetesClient host = host(terminal)) {
                given = terminal.type("tenant", "kubeconfig", "acme").output();
                acme.resource(map("kept")).create();
                acme.resource(service("renewed")).create();
                Patience.await(
                        "it is on the host", () -> uidOnHost(host, "renewed").isPresent());
                backup = taken(terminal.insula("tenant", "backup", "acme"));

                acme.resource(map("later")).create();
                acme.resource(service("later")).create();
                String older = uidOnHost(host, "renewed").orElseThrow();
                acme.resource(service("renewed")).delete();
                Patience.await("it is gone", () -> uidOnHost(host, "renewed").isEmpty());
                acme.resource(service("renewed")).create();
                Patience.await(
                        "both are on the host",
                        () -> uidOnHost(host, "later").isPresent()
                                && uidOnHost(host, "renewed").isPresent());
                newer = uidOnHost(host, "renewed").orElseThrow();
                assertThat(newer).isNotEqualTo(older);

                damageTheNewest(terminal, backup);
                assertThat(terminal.insula("tenant", "restore", "acme", backup))
                        .contains("set back to " + backup, "tenant release acme");

                assertThat(names(acme)).contains("kept").doesNotContain("later");
                Patience.await("it is told", () -> terminal.ready("acme").contains("Held"));
                assertThat(uidOnHost(host, "later")).isPresent();
                assertThat(uidOnHost(host, "renewed")).contains(newer);
            }
        }
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {});
                KubernetesClient host = host(terminal)) {
            Patience.await("it is told again", () -> terminal.ready("acme").contains("Held"));
            assertThat(uidOnHost(host, "later")).isPresent();
            assertThat(uidOnHost(host, "renewed")).contains(newer);

            assertThat(terminal.insula("tenant", "release", "acme")).contains("may be deleted");
            Patience.await(
                    "what came later goes", () -> uidOnHost(host, "later").isEmpty());
            Patience.await(
                    "the older one is there again",
                    () -> uidOnHost(host, "renewed")
                            .filter(uid -> !uid.equals(newer))
                            .isPresent());
            Patience.await("it is ready", () -> terminal.isReady("acme"));

            assertThat(terminal.insula("tenant", "delete", "acme")).contains("gone");
            assertThat(terminal.insula("tenant", "restore", "acme", backup)).contains("set back to " + backup);
            try (KubernetesClient again = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(given))
                    .build()) {
                assertThat(names(again))
                        .as("by a kubeconfig from before")
                        .contains("kept")
                        .doesNotContain("later");
                Patience.await(
                        "what it needs is on the host again",
                        () -> uidOnHost(host, "renewed").isPresent());
            }
        }
    }

    /// What is no good changes nothing, and the tenant goes on.
    private void damageTheNewest(Terminal terminal, String good) throws IOException {
        String bad = taken(terminal.insula("tenant", "backup", "acme"));
        assertThat(bad).isNotEqualTo(good);
        Path sealed = home.resolve("backups/acme").resolve(bad).resolve("backup.cms");
        byte[] bytes = Files.readAllBytes(sealed);
        bytes[bytes.length / 2] = (byte) ~bytes[bytes.length / 2];
        Files.write(sealed, bytes);
        assertThat(terminal.insula("tenant", "restore", "acme", bad)).contains("was not set back", "damaged");
        assertThat(terminal.isReady("acme")).isTrue();
        assertThat(terminal.insula("tenant", "backup", "verify", "acme", bad)).contains("damaged");
        assertThat(terminal.insula("tenant", "backup", "list", "acme")).containsPattern(bad + " .* Damaged ");
    }

    private static KubernetesClient host(Terminal terminal) {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(
                        terminal.type("host", "kubeconfig").output()))
                .build();
    }

    private static Optional<String> uidOnHost(KubernetesClient host, String name) {
        return host.services().inNamespace("insula-acme").list().getItems().stream()
                .filter(each -> each.getMetadata().getName().startsWith(name + "-"))
                .map(each -> each.getMetadata().getUid())
                .findFirst();
    }

    private static List<String> names(KubernetesClient acme) {
        return acme.configMaps().inNamespace("default").list().getItems().stream()
                .map(each -> each.getMetadata().getName())
                .toList();
    }

    private static Service service(String name) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
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
