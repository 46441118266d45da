package io.insula.tenantapi.controllers.core;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TokenSecretsTest {

    private RealCluster cluster;

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void fillsATokenSecretAndDeletesItWithItsAccount() {
        String namespace = cluster.namespace();
        cluster.create(
                Resources.SERVICE_ACCOUNTS,
                namespace,
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}");
        cluster.create(Resources.SECRETS, namespace, secret("robot"));
        await("the token", () -> !data(namespace, "token").isEmpty());
        assertThat(data(namespace, "ca.crt")).isEqualTo(ManagerFixture.ROOT_CA);
        assertThat(data(namespace, "namespace")).isEqualTo(namespace);
        ObjectNode review =
                Json.object().put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenReview");
        review.putObject("spec").put("token", data(namespace, "token"));
        ObjectNode answer = cluster.client.create(
                new GroupVersionResource("authentication.k8s.io", "v1", "tokenreviews"), "", review);
        assertThat(answer.at("/status/user/username").asText())
                .isEqualTo("system:serviceaccount:" + namespace + ":robot");
        cluster.delete(Resources.SERVICE_ACCOUNTS, namespace, "robot");
        await("the secret to go", () -> !cluster.has(Resources.SECRETS, namespace, "s"));
    }

    /// Its key was dropped, or it is of a store that was set back; what is no token of ours is its owner's.
    @Test
    void makesATokenAnewThatNoKeyHasSigned() {
        String namespace = cluster.namespace();
        cluster.create(
                Resources.SERVICE_ACCOUNTS,
                namespace,
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}");
        String foreign = "e30." + part("{\"iss\":\"elsewhere\"}") + ".x";
        String old = "e30." + part("{\"iss\":\"kubernetes/serviceaccount\"}") + ".x";
        cluster.create(Resources.SECRETS, namespace, holding("foreign", foreign));
        cluster.create(Resources.SECRETS, namespace, holding("s", old));

        await("the token", () -> !data(namespace, "token").equals(old));

        assertThat(data(namespace, "token").split("\\.", -1)).hasSize(3);
        await("the other's facts", () -> !data(namespace, "foreign", "ca.crt").isEmpty());
        assertThat(data(namespace, "foreign", "token")).isEqualTo(foreign);
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String holding(String name, String token) {
        return "{apiVersion: v1, kind: Secret, metadata: {name: " + name
                + ", annotations: {kubernetes.io/service-account.name: robot}},"
                + " type: kubernetes.io/service-account-token, stringData: {token: '" + token + "'}}";
    }

    @Test
    void signsTheClusterInfoWithEachBootstrapTokenThatMay() {
        cluster.create(
                Resources.CONFIG_MAPS,
                "kube-public",
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: cluster-info},"
                        + " data: {kubeconfig: hello, jws-kubeconfig-oldold: x}}");
        cluster.create(Resources.SECRETS, "kube-system", bootstrap("abcdef", "true"));
        cluster.create(Resources.SECRETS, "kube-system", bootstrap("zzzzzz", "false"));
        await("the signature", () -> info().has("jws-kubeconfig-abcdef"));
        // what kubeadm computes for the same content and token
        assertThat(info().path("jws-kubeconfig-abcdef").asText())
                .isEqualTo(BootstrapSigner.sign("hello", "abcdef", "0123456789abcdef"))
                .startsWith("eyJhbGciOiJIUzI1NiIsImtpZCI6ImFiY2RlZiJ9..");
        await("the old one to go", () -> !info().has("jws-kubeconfig-oldold"));
        assertThat(info().has("jws-kubeconfig-zzzzzz")).isFalse();
        cluster.delete(Resources.SECRETS, "kube-system", "bootstrap-token-abcdef");
        await("its signature to go", () -> !info().has("jws-kubeconfig-abcdef"));
    }

    private JsonNode info() {
        return cluster.at(Resources.CONFIG_MAPS, "kube-public", "cluster-info", "/data");
    }

    private static String bootstrap(String id, String signs) {
        return "{apiVersion: v1, kind: Secret, metadata: {name: bootstrap-token-" + id
                + "}, type: bootstrap.kubernetes.io/token, stringData: {token-id: " + id
                + ", token-secret: 0123456789abcdef, usage-bootstrap-signing: '" + signs + "'}}";
    }

    @Test
    void deletesATokenSecretOfNobody() {
        String namespace = cluster.namespace();
        cluster.create(Resources.SECRETS, namespace, secret("nobody"));
        await("it to go", () -> !cluster.has(Resources.SECRETS, namespace, "s"));
    }

    @Test
    void deletesAnExpiredBootstrapToken() {
        String expired = Base64.getEncoder().encodeToString("2020-01-01T00:00:00Z".getBytes(StandardCharsets.UTF_8));
        String later = Base64.getEncoder().encodeToString("2999-01-01T00:00:00Z".getBytes(StandardCharsets.UTF_8));
        token("later", later);
        token("expired", expired);
        await("it to go", () -> !cluster.has(Resources.SECRETS, "kube-system", "bootstrap-token-expired"));
        assertThat(cluster.has(Resources.SECRETS, "kube-system", "bootstrap-token-later"))
                .isTrue();
    }

    @Test
    void deletesABootstrapTokenWhoseEndNobodyCanRead() {
        token("vague", Base64.getEncoder().encodeToString("tomorrow".getBytes(StandardCharsets.UTF_8)));
        await("it to go", () -> !cluster.has(Resources.SECRETS, "kube-system", "bootstrap-token-vague"));
    }

    private void token(String name, String expiration) {
        cluster.create(
                Resources.SECRETS,
                "kube-system",
                "{apiVersion: v1, kind: Secret, metadata: {name: bootstrap-token-" + name
                        + "}, type: bootstrap.kubernetes.io/token, data: {expiration: '" + expiration + "'}}");
    }

    private static String secret(String account) {
        return "{apiVersion: v1, kind: Secret, metadata: {name: s, annotations: {kubernetes.io/service-account.name: "
                + account + "}}, type: kubernetes.io/service-account-token}";
    }

    private String data(String namespace, String key) {
        return data(namespace, "s", key);
    }

    private String data(String namespace, String name, String key) {
        return cluster.find(Resources.SECRETS, namespace, name)
                .map(secret -> secret.path("data").path(key).asText(""))
                .map(text -> new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8))
                .orElse("");
    }
}
