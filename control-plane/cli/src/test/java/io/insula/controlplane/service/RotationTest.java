package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.process.OneKafka;
import io.insula.tenantapi.api.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A drill: the key of service account tokens changes under open watches and writes that go on, and those who have a
/// token of the old one try to go on after its end.
final class RotationTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final String[] BEGIN = {"tenant", "rotate", "acme", "--keys", "service-account"};
    private static final String[] FINISH = {"tenant", "rotate", "acme", "--keys", "service-account", "--finish"};

    @TempDir
    private Path home;

    @Test
    void changesTheKeyOfTokensUnderWatchesAndWrites() {
        var terminal = new Terminal(home);
        String given;
        String old;
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            given = terminal.type("tenant", "kubeconfig", "acme").output();
            try (KubernetesClient acme = RotationLoad.client(Config.fromKubeconfig(given))) {
                fill(acme);
                old = issued(acme);
                Patience.await("the Secret is filled", () -> kept(acme).isPresent());
                String keptBefore = kept(acme).orElseThrow();
                refusesWhatMakesNoSense(terminal, acme);
                try (var person = new RotationLoad("person", Config.fromKubeconfig(given));
                        var robot = new RotationLoad("robot", withToken(acme, old))) {
                    begin(terminal, acme, old);
                    taken(acme, keptBefore);
                    robot.requireUndisturbed();
                    try (var renewed = new RotationLoad("renewed", withToken(acme, issued(acme)))) {
                        finish(terminal, acme, old, keptBefore);
                        robot.requireRefused();
                        renewed.requireUndisturbed();
                    }
                    person.requireUndisturbed();
                }
            }
        }
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {});
                KubernetesClient acme = RotationLoad.client(Config.fromKubeconfig(given))) {
            Patience.await("it is up again", () -> terminal.isReady("acme"));
            refused(acme, old);
            taken(acme, issued(acme));
        }
    }

    private static void refusesWhatMakesNoSense(Terminal terminal, KubernetesClient acme) {
        assertThat(terminal.type("tenant", "rotate", "acme").code()).isEqualTo(2);
        assertThat(terminal.type("tenant", "rotate", "acme", "--keys", "etcd-ca")
                        .code())
                .isEqualTo(2);
        assertThat(terminal.type("tenant", "rotate", "acme", "--keys", "ca", "--force")
                        .code())
                .isEqualTo(2);
        assertThat(terminal.type("tenant", "rotate", "../acme", "--keys", "ca").code())
                .isEqualTo(2);
        assertThat(terminal.insula(FINISH)).contains("no change of the key has begun");
        assertThat(published(acme)).hasSize(1);
    }

    private static void begin(Terminal terminal, KubernetesClient acme, String old) {
        assertThat(terminal.insula(BEGIN)).contains("sa-2 signs tokens; those of sa are taken until ");
        assertThat(published(acme)).hasSize(2).contains(keyOf(old), keyOf(issued(acme)));
        assertThat(keyOf(issued(acme))).isNotEqualTo(keyOf(old));
        taken(acme, old);
        taken(acme, issued(acme));
        assertThat(terminal.insula(BEGIN)).as("it has begun").contains("sa-2 signs tokens; those of sa are taken");
        assertThat(published(acme)).hasSize(2);
        assertThat(terminal.insula("tenant", "list")).contains("keys are being replaced");
        assertThat(terminal.insula("tenant", "get", "acme")).contains("being replaced: sa-2 signs tokens");
    }

    private static void finish(Terminal terminal, KubernetesClient acme, String old, String keptBefore) {
        assertThat(terminal.insula(FINISH)).contains("sa-2 signs tokens, and those of no other key are taken");
        refused(acme, old);
        refused(acme, keptBefore);
        taken(acme, issued(acme));
        assertThat(published(acme)).containsExactly(keyOf(issued(acme)));
        Patience.await(
                "the Secret has a token of the new key",
                () -> kept(acme).filter(token -> !token.equals(keptBefore)).isPresent());
        taken(acme, kept(acme).orElseThrow());
        assertThat(terminal.insula("tenant", "list")).doesNotContain("being replaced");
    }

    private static void fill(KubernetesClient acme) {
        acme.raw(
                "/api/v1/namespaces/default/serviceaccounts",
                "POST",
                "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"robot\"}}");
        acme.raw(
                "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                "POST",
                "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\","
                        + "\"metadata\":{\"name\":\"robot\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\","
                        + "\"kind\":\"ClusterRole\",\"name\":\"cluster-admin\"},\"subjects\":[{\"kind\":"
                        + "\"ServiceAccount\",\"name\":\"robot\",\"namespace\":\"default\"}]}");
        acme.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("robot")
                        .withNamespace("default")
                        .addToAnnotations("kubernetes.io/service-account.name", "robot")
                        .endMetadata()
                        .withType("kubernetes.io/service-account-token")
                        .build())
                .create();
    }

    private static String issued(KubernetesClient acme) {
        return acme.serviceAccounts()
                .inNamespace("default")
                .withName("robot")
                .tokenRequest()
                .getStatus()
                .getToken();
    }

    private static Optional<String> kept(KubernetesClient acme) {
        return Optional.ofNullable(acme.secrets()
                        .inNamespace("default")
                        .withName("robot")
                        .get()
                        .getData())
                .map(data -> data.get("token"))
                .map(text -> new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8));
    }

    private static List<String> published(KubernetesClient acme) {
        return json(acme.raw("/openid/v1/jwks"))
                .path("keys")
                .valueStream()
                .map(key -> key.path("kid").asText())
                .toList();
    }

    private static String keyOf(String token) {
        String header = token.substring(0, token.indexOf('.'));
        return json(new String(Base64.getUrlDecoder().decode(header), StandardCharsets.UTF_8))
                .path("kid")
                .asText();
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private static void taken(KubernetesClient acme, String token) {
        try (KubernetesClient robot = RotationLoad.client(withToken(acme, token))) {
            assertThat(robot.configMaps().inNamespace("default").list().getItems())
                    .isNotEmpty();
        }
    }

    private static void refused(KubernetesClient acme, String token) {
        try (KubernetesClient robot = RotationLoad.client(withToken(acme, token))) {
            assertThatThrownBy(() -> robot.configMaps().inNamespace("default").list())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(401));
        }
    }

    private static Config withToken(KubernetesClient at, String token) {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(at.getConfiguration().getMasterUrl())
                .withCaCertData(at.getConfiguration().getCaCertData())
                .withOauthToken(token)
                .build();
    }
}
