package io.insula.controlplane.service;

import static io.insula.controlplane.service.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.insula.controlplane.process.OneKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Kubeconfigs that were given out are worth nothing from the moment they are revoked, with real etcd and everything
/// else.
final class RevocationTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final Pattern SERIAL = Pattern.compile("(?m)^([0-9a-f]+) +ann ");

    @TempDir
    private Path home;

    @Test
    void endsWhatIsOpenAndComesBackWithNoRestart() throws Exception {
        var terminal = new Terminal(home);
        String ann;
        String bob;
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            ann = kubeconfig(terminal, "ann");
            bob = kubeconfig(terminal, "bob");
            String list = terminal.insula("tenant", "kubeconfig", "list", "acme");
            assertThat(list).contains("ann ", "bob ", "insula:cluster-admins");
            var serial = SERIAL.matcher(list);
            assertThat(serial.find()).as(list).isTrue();

            try (KubernetesClient hers = client(ann);
                    KubernetesClient his = client(bob)) {
                var herWatch = watch(hers);
                var hisWatch = watch(his);
                assertThat(terminal.insula("tenant", "kubeconfig", "revoke", "acme", "--serial", serial.group(1)))
                        .containsPattern("ann .*Z +\\S*Z +\\S*Z");

                assertRefused(hers);
                herWatch.get(2, TimeUnit.MINUTES);
                assertThat(his.namespaces().list().getItems()).isNotEmpty();
                assertThat(hisWatch).as("the other user's watch goes on").isNotDone();
            }
            assertThat(terminal.type("tenant", "kubeconfig", "revoke", "acme").code())
                    .isNotZero();
            assertThat(terminal.type("tenant", "kubeconfig", "revoke", "acme", "--user", "nobody")
                            .code())
                    .isEqualTo(1);
            assertThat(terminal.type("tenant", "kubeconfig", "revoke", "acme", "--serial", "../x")
                            .code())
                    .isEqualTo(1);
            letsOthersUseTheAdminApiByTheirRoles(terminal);
        }
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {});
                KubernetesClient hers = client(ann);
                KubernetesClient his = client(bob)) {
            assertRefused(hers);
            assertThat(his.namespaces().list().getItems()).isNotEmpty();

            revokesByFileWhileItSleeps(terminal, bob);
            assertRefused(his);
            await("it is awake", () -> terminal.isReady("acme"));
            revokesTheHosts(terminal);
        }
    }

    private void letsOthersUseTheAdminApiByTheirRoles(Terminal terminal) throws IOException {
        Path file = home.resolve("olga.kubeconfig");
        Files.writeString(
                file,
                terminal.type("admin", "kubeconfig", "--user", "olga", "--role", "owner", "--tenant", "acme")
                        .output());
        String with = "--admin-kubeconfig=" + file;
        assertThat(terminal.insula("tenant", "get", "acme", with))
                .contains("acme ", "True")
                .doesNotContain("insula: ");
        assertThat(terminal.type("tenant", "kubeconfig", "acme", with).output()).contains("kind: Config");
        assertThat(terminal.insula("tenant", "list", with)).contains("may not ask for listTenants");
        assertThat(terminal.insula("status", with)).contains("may not ask for status");
        assertThat(terminal.insula("admin", "kubeconfig", "list")).contains("olga ", "insula:owners:");

        assertThat(terminal.insula("admin", "kubeconfig", "revoke", "--file", file.toString()))
                .contains("olga ");
        assertThat(terminal.insula("tenant", "get", "acme", with)).contains("no client certificate");
        assertThat(terminal.type("admin", "kubeconfig", "--user", "olga", "--role", "root")
                        .code())
                .isEqualTo(2);
        assertThat(terminal.insula("status", "--admin-kubeconfig=" + home.resolve("state.json")))
                .contains("--admin-kubeconfig", "insula admin kubeconfig");
    }

    private void revokesByFileWhileItSleeps(Terminal terminal, String kubeconfig) throws IOException {
        Path file = Files.writeString(home.resolveSibling(home.getFileName() + ".bob.yaml"), kubeconfig);
        assertThat(terminal.insula("tenant", "sleep", "acme")).contains("sleeps");
        assertThat(terminal.insula("tenant", "kubeconfig", "revoke", "acme", "--file", file.toString()))
                .contains("bob");
        assertThat(terminal.ready("acme")).contains("Asleep");
        Files.delete(file);
    }

    /// A superuser's way into the host is a kubeconfig like any other.
    private static void revokesTheHosts(Terminal terminal) {
        String yaml =
                terminal.type("host", "kubeconfig", "--user", "eve", "--admin").output();
        try (KubernetesClient eve = client(yaml)) {
            assertThat(eve.namespaces().list().getItems()).isNotEmpty();
            assertThat(terminal.insula("host", "kubeconfig", "list")).contains("eve ");
            assertThat(terminal.insula("host", "kubeconfig", "revoke", "--user", "eve"))
                    .contains("eve ");
            assertRefused(eve);
        }
    }

    private static CompletableFuture<Void> watch(KubernetesClient client) throws Exception {
        var opened = new CompletableFuture<Void>();
        var ended = new CompletableFuture<Void>();
        var _ = client.configMaps().inNamespace("kube-system").watch(new Watcher<ConfigMap>() {
            @Override
            public void eventReceived(Action action, ConfigMap object) {
                opened.complete(null);
            }

            @Override
            public boolean reconnecting() {
                return false;
            }

            @Override
            public void onClose() {
                ended.complete(null);
            }

            @Override
            public void onClose(WatcherException cause) {
                ended.complete(null);
            }
        });
        opened.get(2, TimeUnit.MINUTES);
        return ended;
    }

    private static void assertRefused(KubernetesClient client) {
        assertThatThrownBy(() -> client.namespaces().list())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        refused -> assertThat(refused.getCode()).isEqualTo(401));
    }

    private static String kubeconfig(Terminal terminal, String user) {
        return terminal.type("tenant", "kubeconfig", "acme", "--user", user, "--admin")
                .output();
    }

    private static KubernetesClient client(String kubeconfig) {
        Config config = Config.fromKubeconfig(kubeconfig);
        config.setRequestRetryBackoffLimit(0);
        // whoever reconnects is refused, and tries again
        config.setWatchReconnectLimit(0);
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
