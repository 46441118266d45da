package io.insula.tenantapi.admission.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.fake.FakeObjectClient;
import org.junit.jupiter.api.Test;

class ServiceAccountTest {

    private static final GroupVersionResource ACCOUNTS = FakeObjectClient.core("serviceaccounts");
    private static final GroupVersionResource PODS = FakeObjectClient.core("pods");

    private final ServiceAccount plugin = new ServiceAccount();
    private final FakeObjectClient store = new FakeObjectClient()
            .with(
                    ACCOUNTS,
                    "{metadata: {name: default, namespace: shop}, imagePullSecrets: [{name: registry}]}",
                    "{metadata: {name: quiet, namespace: shop}, automountServiceAccountToken: false}");

    @Test
    void mountsAProjectedTokenIntoEveryContainer() {
        JsonNode spec = create("{initContainers: [{name: i}], containers: [{name: a}, {name: b}]}");

        assertThat(spec.path("serviceAccountName").asText()).isEqualTo("default");
        JsonNode volume = spec.path("volumes").path(0);
        assertThat(volume.path("name").asText()).matches("kube-api-access-[a-z0-9]{5}");
        assertThat(volume.path("projected"))
                .isEqualTo(FakeObjectClient.yaml("{defaultMode: 420, sources: ["
                        + "{serviceAccountToken: {expirationSeconds: 3607, path: token}},"
                        + "{configMap: {items: [{key: ca.crt, path: ca.crt}], name: kube-root-ca.crt}},"
                        + "{downwardAPI: {items: [{fieldRef: {apiVersion: v1, fieldPath: metadata.namespace},"
                        + " path: namespace}]}}]}"));
        for (JsonNode container : new JsonNode[] {
            spec.path("initContainers").path(0),
            spec.path("containers").path(0),
            spec.path("containers").path(1)
        }) {
            JsonNode mount = container.path("volumeMounts").path(0);
            assertThat(mount.path("mountPath").asText()).isEqualTo("/var/run/secrets/kubernetes.io/serviceaccount");
            assertThat(mount.path("name")).isEqualTo(volume.path("name"));
            assertThat(mount.path("readOnly").asBoolean()).isTrue();
        }
    }

    @Test
    void copiesPullSecretsUnlessThePodHasItsOwn() {
        assertThat(create("{containers: []}").path("imagePullSecrets").toString())
                .isEqualTo("[{\"name\":\"registry\"}]");
        assertThat(create("{containers: [], imagePullSecrets: [{name: mine}]}")
                        .path("imagePullSecrets")
                        .toString())
                .isEqualTo("[{\"name\":\"mine\"}]");
    }

    @Test
    void mountsNothingWhereThePodOrItsAccountDeclines() {
        assertThat(create("{automountServiceAccountToken: false, containers: [{name: a}]}")
                        .has("volumes"))
                .isFalse();
        assertThat(create("{serviceAccountName: quiet, containers: [{name: a}]}")
                        .has("volumes"))
                .isFalse();
        assertThat(create("{serviceAccountName: quiet, automountServiceAccountToken: true, containers: [{name: a}]}")
                        .path("volumes"))
                .hasSize(1);
    }

    @Test
    void leavesAContainerAloneThatMountsSomethingThere() {
        JsonNode spec = create("{containers: [{name: a, volumeMounts: [{name: own, mountPath:"
                + " /var/run/secrets/kubernetes.io/serviceaccount}]}]}");

        assertThat(spec.path("containers").path(0).path("volumeMounts")).hasSize(1);
        assertThat(spec.has("volumes")).isFalse();
    }

    @Test
    void refusesAMissingAccount() {
        assertThatThrownBy(() -> create("{serviceAccountName: ghost, containers: []}"))
                .hasMessage("pods \"p\" is forbidden: error looking up service account shop/ghost: serviceaccount"
                        + " \"ghost\" not found");
    }

    @Test
    void waitsForTheDefaultAccountOfANewNamespace() {
        var fresh = new FakeObjectClient();
        var creator = Thread.ofVirtual()
                .name("account-creator")
                .start(() -> fresh.with(ACCOUNTS, "metadata: {name: default, namespace: shop}"));

        assertThat(Admission.create(
                                plugin,
                                fresh,
                                PODS,
                                "{metadata: {name: p, namespace: shop}, spec: {containers: [{name: a}]}}")
                        .path("spec")
                        .path("serviceAccountName")
                        .asText())
                .isEqualTo("default");
        assertThat(creator).isNotNull();
    }

    private JsonNode create(String spec) {
        return Admission.create(plugin, store, PODS, "{metadata: {name: p, namespace: shop}, spec: " + spec + "}")
                .path("spec");
    }
}
