package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.process.OneKafka;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A drill: the authority of a tenant's kubeconfigs and of its API server changes under open watches and writes that go
/// on, over restarts and a restore, and those who have a kubeconfig of the old one try to go on after its end.
final class AuthorityRotationTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final String[] BEGIN = {"tenant", "rotate", "acme", "--keys", "ca"};
    private static final String[] FINISH = {"tenant", "rotate", "acme", "--keys", "ca", "--finish"};
    private static final String[] FORCE = {"tenant", "rotate", "acme", "--keys", "ca", "--finish", "--force"};
    private static final Pattern BACKUP = Pattern.compile("[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}");

    @TempDir
    private Path home;

    @Test
    void changesTheAuthorityUnderWatchesAndWrites() {
        var terminal = new Terminal(home);
        String ann;
        String bob;
        String backup;
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            ann = kubeconfig(terminal, "ann");
            Config careless = Config.fromKubeconfig(ann);
            // whoever she talks to: that she is refused must not be for her own doubts
            careless.setTrustCerts(true);
            try (var hers = new RotationLoad("ann", careless)) {
                begin(terminal, ann);
                hers.requireUndisturbed();
                bob = kubeconfig(terminal, "bob");
                told(terminal);
                backup = backup(terminal);
                try (var his = new RotationLoad("bob", Config.fromKubeconfig(bob))) {
                    his.requireUndisturbed();
                    hers.requireUndisturbed();
                    list(Config.fromKubeconfig(ann));

                    assertThat(terminal.type(FINISH))
                            .satisfies(said -> assertThat(said.code()).isEqualTo(1))
                            .satisfies(said -> assertThat(said.error()).contains("in use still: ann (", "force"));
                    hers.requireUndisturbed();
                    assertThat(terminal.insula(FORCE)).contains("those of no other authority are taken");

                    hers.requireRefused();
                    his.requireUndisturbed();
                }
            }
            over(terminal, ann, bob);
        }
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            Patience.await("it is up again", () -> terminal.isReady("acme"));
            over(terminal, ann, bob);
            goesOnAfterARestore(terminal, backup, ann, bob);
        }
    }

    private static void begin(Terminal terminal, String ann) {
        assertThat(terminal.insula(FINISH)).contains("no change of the key has begun");
        assertThat(terminal.insula(BEGIN))
                .contains("ca-2 issues certificates; those of ca are taken until ", "kubeconfigs of ann");
        try (KubernetesClient anew = RotationLoad.client(Config.fromKubeconfig(ann))) {
            anew.namespaces().list();
            Patience.await("pods are told whom to trust", () -> certificates(rootCa(anew)) == 2);
            assertThat(certificates(clientCa(anew))).isEqualTo(2);
        }
    }

    private static void told(Terminal terminal) {
        assertThat(terminal.insula("tenant", "kubeconfig", "list", "acme"))
                .containsPattern("ann +insula:cluster-admins +ca ")
                .containsPattern("bob +insula:cluster-admins +ca-2 ");
        assertThat(terminal.insula("tenant", "list")).contains("keys are being replaced");
        assertThat(terminal.insula("tenant", "get", "acme"))
                .contains("to be replaced before: kubeconfigs of ann")
                .doesNotContain("bob");
        assertThat(terminal.isReady("acme")).isTrue();
    }

    /// The old one is worth nothing, also to who knows the new authority, and does not come back.
    private static void over(Terminal terminal, String ann, String bob) {
        assertThatThrownBy(() -> list(Config.fromKubeconfig(ann)))
                .as("she trusts an authority that is gone")
                .isInstanceOf(KubernetesClientException.class);
        Config attack = Config.fromKubeconfig(ann);
        attack.setCaCertData(Config.fromKubeconfig(bob).getCaCertData());
        assertThatThrownBy(() -> list(attack))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(401));
        try (KubernetesClient his = RotationLoad.client(Config.fromKubeconfig(bob))) {
            his.namespaces().list();
            Patience.await("pods are told whom to trust", () -> certificates(rootCa(his)) == 1);
            assertThat(certificates(clientCa(his))).isEqualTo(1);
            assertThat(text(Config.fromKubeconfig(bob).getCaCertData())).contains(rootCa(his));
        }
        assertThat(terminal.insula("tenant", "kubeconfig", "list", "acme"))
                .as("since when it is worth nothing")
                .containsPattern("ann .*Z +\\S*Z +\\S*Z");
        assertThat(terminal.insula("tenant", "get", "acme")).doesNotContain("being replaced");
    }

    /// A backup of the first phase is one of the first phase.
    private static void goesOnAfterARestore(Terminal terminal, String backup, String ann, String bob) {
        assertThat(terminal.insula("tenant", "delete", "acme")).contains("gone");
        assertThat(terminal.insula("tenant", "restore", "acme", backup)).contains("set back to " + backup);
        list(Config.fromKubeconfig(ann));
        list(Config.fromKubeconfig(bob));
        assertThat(terminal.insula("tenant", "get", "acme")).contains("to be replaced before: kubeconfigs of ann");

        assertThat(terminal.insula("tenant", "restore", "acme", backup, "--as", "globex"))
                .contains("is made of");
        assertThat(terminal.insula("tenant", "get", "globex")).doesNotContain("being replaced");
        Config attack = Config.fromKubeconfig(bob);
        Config globex = Config.fromKubeconfig(
                terminal.type("tenant", "kubeconfig", "globex").output());
        attack.setMasterUrl(globex.getMasterUrl());
        attack.setCaCertData(globex.getCaCertData());
        assertThatThrownBy(() -> list(attack))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(401));

        assertThat(terminal.insula("tenant", "kubeconfig", "revoke", "acme", "--user", "ann"))
                .contains("ann");
        Patience.await(
                "nobody needs another one",
                () -> !terminal.insula("tenant", "get", "acme").contains("kubeconfigs of ann"));
        assertThat(terminal.insula("tenant", "sleep", "acme")).contains("sleeps");
        assertThat(terminal.insula(FINISH)).contains("those of no other authority are taken");
        assertThat(terminal.ready("acme")).as("nobody was woken for it").contains("Asleep");
        over(terminal, ann, bob);
    }

    private static void list(Config config) {
        try (KubernetesClient client = RotationLoad.client(config)) {
            client.namespaces().list();
        }
    }

    private static String rootCa(KubernetesClient client) {
        return client.configMaps()
                .inNamespace("default")
                .withName("kube-root-ca.crt")
                .get()
                .getData()
                .getOrDefault("ca.crt", "");
    }

    private static String clientCa(KubernetesClient client) {
        return client.configMaps()
                .inNamespace("kube-system")
                .withName("extension-apiserver-authentication")
                .get()
                .getData()
                .getOrDefault("client-ca-file", "");
    }

    private static long certificates(String pem) {
        return pem.lines().filter(line -> line.contains("BEGIN CERTIFICATE")).count();
    }

    private static String text(String encoded) {
        return new String(Base64.getDecoder().decode(Objects.requireNonNull(encoded)), StandardCharsets.UTF_8);
    }

    private static String backup(Terminal terminal) {
        Matcher id = BACKUP.matcher(terminal.insula("tenant", "backup", "acme"));
        assertThat(id.find()).isTrue();
        return id.group();
    }

    private static String kubeconfig(Terminal terminal, String user) {
        return terminal.type("tenant", "kubeconfig", "acme", "--user", user, "--group", "insula:cluster-admins")
                .output();
    }
}
