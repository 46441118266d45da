package io.insula.tenantapi.controllers.core;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.Condition;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Namespaces, service accounts and limit ranges as upstream's conformance tests use them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CoreConformanceTest {

    private static final String POD =
            "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {%s containers: [{name: c, image: i}]}}";

    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace();
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] Namespaces [Serial] should ensure that all services are removed when a namespace is"
                            + " deleted [Conformance]",
            weaker = Conformance.NOTHING)
    void emptiesADeletedNamespaceForGood() {
        cluster.create(
                Resources.SERVICES,
                namespace,
                "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80}]}}");
        cluster.create(Resources.PODS, namespace, POD.formatted("p", ""));
        cluster.delete(Resources.NAMESPACES, "", namespace);
        await("it to go", () -> !cluster.has(Resources.NAMESPACES, "", namespace));
        cluster.create(
                Resources.NAMESPACES, "", "{apiVersion: v1, kind: Namespace, metadata: {name: " + namespace + "}}");
        assertThat(cluster.list(Resources.SERVICES, namespace)).isEmpty();
        assertThat(cluster.pods(namespace)).isEmpty();
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] OrderedNamespaceDeletion namespace deletion should delete pod first [Conformance]",
            weaker = Conformance.NOTHING)
    void deletesPodsFirst() {
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: held, finalizers: [e2e.example.com/finalizer]}, spec:"
                        + " {containers: [{name: c, image: i}]}}");
        cluster.create(Resources.CONFIG_MAPS, namespace, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}");
        cluster.delete(Resources.NAMESPACES, "", namespace);
        await(
                "the reason",
                () -> Condition.isTrue(cluster.get(Resources.NAMESPACES, "", namespace), "NamespaceContentRemaining"));
        assertThat(cluster.has(Resources.CONFIG_MAPS, namespace, "c")).isTrue();
        assertThat(cluster.has(Resources.PODS, namespace, "held")).isTrue();
        cluster.patch(Resources.PODS, namespace, "held", "{metadata: {finalizers: null}}");
        await("it to go", () -> !cluster.has(Resources.NAMESPACES, "", namespace));
    }

    @Test
    @Conformance(
            value = {
                "[sig-api-machinery] Namespaces [Serial] should patch a Namespace [Conformance]",
                "[sig-api-machinery] Namespaces [Serial] should apply an update to a Namespace [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void changesANamespaceAndItsStatus() {
        cluster.patch(Resources.NAMESPACES, "", namespace, "{metadata: {labels: {testLabel: testValue}}}");
        ObjectNode changed = cluster.get(Resources.NAMESPACES, "", namespace);
        assertThat(Meta.labels(changed))
                .containsEntry("testLabel", "testValue")
                .containsEntry("kubernetes.io/metadata.name", namespace);
        Meta.of(changed).withObjectProperty("labels").put("another", "value");
        assertThat(Meta.labels(cluster.client.update(Resources.NAMESPACES, "", "", changed)))
                .containsEntry("another", "value");
        ObjectNode patched = cluster.patchStatus(
                Resources.NAMESPACES,
                "",
                namespace,
                "{metadata: {annotations: {e2e-patched-ns-status: t}}, status: {conditions: [{type: StatusPatch, status:"
                        + " 'True', reason: E2E, message: m}]}}");
        assertThat(Condition.isTrue(patched, "StatusPatch")).isTrue();
        assertThat(patched.at("/status/phase").asText()).isEqualTo("Active");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] Namespaces [Serial] should apply a finalizer to a Namespace [Conformance]",
            weaker = Conformance.NOTHING)
    void waitsForAnotherFinalizer() {
        ObjectNode current = cluster.get(Resources.NAMESPACES, "", namespace);
        current.withObjectProperty("spec").withArrayProperty("finalizers").add("e2e.example.com/fakeFinalizer");
        ObjectNode held = cluster.client.update(Resources.NAMESPACES, "", "finalize", current);
        assertThat(held.at("/spec/finalizers")).hasSize(2);
        cluster.delete(Resources.NAMESPACES, "", namespace);
        await(
                "our part",
                () -> cluster.at(Resources.NAMESPACES, "", namespace, "/spec/finalizers")
                                .size()
                        == 1);
        ObjectNode last = cluster.get(Resources.NAMESPACES, "", namespace);
        assertThat(last.at("/status/phase").asText()).isEqualTo("Terminating");
        last.withObjectProperty("spec").putArray("finalizers");
        cluster.client.update(Resources.NAMESPACES, "", "finalize", last);
        await("it to go", () -> !cluster.has(Resources.NAMESPACES, "", namespace));
    }

    @Test
    @Conformance(
            value = "[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]",
            weaker = Conformance.NOTHING)
    void bringsTheRootCertificateBack() {
        await("the certificate", () -> cluster.has(Resources.CONFIG_MAPS, namespace, "kube-root-ca.crt"));
        cluster.delete(Resources.CONFIG_MAPS, namespace, "kube-root-ca.crt");
        await("another", () -> cluster.has(Resources.CONFIG_MAPS, namespace, "kube-root-ca.crt"));
        cluster.patch(Resources.CONFIG_MAPS, namespace, "kube-root-ca.crt", "{data: {ca.crt: changed, more: x}}");
        await("the right one", () -> {
            var data = cluster.at(Resources.CONFIG_MAPS, namespace, "kube-root-ca.crt", "/data");
            return data.path("ca.crt").asText().equals(RealCluster.facts().rootCaPem());
        });
    }

    @Test
    @Conformance(
            value = {
                "[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]",
                "[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void changesAndDeletesAServiceAccount() {
        String name = "robot";
        cluster.create(
                Resources.SERVICE_ACCOUNTS,
                namespace,
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot, labels: {test: " + namespace + "}}}");
        cluster.patch(Resources.SERVICE_ACCOUNTS, namespace, name, "{automountServiceAccountToken: false}");
        ObjectNode account = cluster.get(Resources.SERVICE_ACCOUNTS, namespace, name);
        assertThat(account.path("automountServiceAccountToken").asBoolean(true)).isFalse();
        account.put("automountServiceAccountToken", true);
        cluster.client.update(Resources.SERVICE_ACCOUNTS, namespace, "", account);
        assertThat(cluster.client
                        .list(Resources.SERVICE_ACCOUNTS, "", new Query("test=" + namespace, ""))
                        .items())
                .hasSize(1);
        cluster.delete(Resources.SERVICE_ACCOUNTS, namespace, name);
        assertThat(cluster.has(Resources.SERVICE_ACCOUNTS, namespace, name)).isFalse();
        cluster.delete(Resources.SERVICE_ACCOUNTS, namespace, "default");
        await("the default one again", () -> cluster.has(Resources.SERVICE_ACCOUNTS, namespace, "default"));
    }

    @Test
    @Conformance(
            value = "[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void issuesATokenThatPassesReview() {
        ObjectNode answer = cluster.client.createSubresource(
                Resources.SERVICE_ACCOUNTS,
                namespace,
                "default",
                "token",
                parse("{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {expirationSeconds: 3600}}"));
        ObjectNode review =
                Json.object().put("apiVersion", "authentication.k8s.io/v1").put("kind", "TokenReview");
        review.putObject("spec").put("token", answer.at("/status/token").asText());
        ObjectNode verdict = cluster.client.create(
                new GroupVersionResource("authentication.k8s.io", "v1", "tokenreviews"), "", review);
        assertThat(verdict.at("/status/authenticated").asBoolean()).isTrue();
        assertThat(verdict.at("/status/user/username").asText())
                .isEqualTo("system:serviceaccount:" + namespace + ":default");
    }

    @Test
    @Conformance(
            value = "[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]",
            weaker = Conformance.NOTHING)
    void mountsNoTokenWhereAccountOrPodOptsOut() {
        account("mount", "true");
        account("nomount", "false");
        for (String account : List.of("default", "mount", "nomount")) {
            assertThat(mounts(account, "")).as(account).isEqualTo(!account.equals("nomount"));
            assertThat(mounts(account, "automountServiceAccountToken: true,"))
                    .as(account)
                    .isTrue();
            assertThat(mounts(account, "automountServiceAccountToken: false,"))
                    .as(account)
                    .isFalse();
        }
    }

    @Test
    @Conformance(
            value =
                    "[sig-scheduling] LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied."
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void appliesTheDefaultsOfALimitRange() {
        String limits = "limits: [{type: Container, min: {cpu: %s, memory: %s, ephemeral-storage: %s}, max: {cpu: 500m,"
                + " memory: 500Mi, ephemeral-storage: 500Gi}, default: {cpu: 500m, memory: 500Mi, ephemeral-storage:"
                + " 500Gi}, defaultRequest: {cpu: 100m, memory: 200Mi, ephemeral-storage: 200Gi}}]";
        ObjectNode range = cluster.create(
                Resources.LIMIT_RANGES,
                namespace,
                "{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {"
                        + limits.formatted("50m", "100Mi", "100Gi") + "}}");
        var defaults = parse("{limits: {cpu: 500m, memory: 500Mi, ephemeral-storage: 500Gi}, requests: {cpu: 100m,"
                + " memory: 200Mi, ephemeral-storage: 200Gi}}");
        JsonNode stored = cluster.get(Resources.LIMIT_RANGES, namespace, "l").at("/spec/limits/0");
        assertThat(stored.path("default")).isEqualTo(defaults.path("limits"));
        assertThat(stored.path("defaultRequest")).isEqualTo(defaults.path("requests"));

        assertThat(resources("none", "{}")).isEqualTo(defaults);
        assertThat(resources("some", "{requests: {memory: 150Mi, ephemeral-storage: 150Gi}, limits: {cpu: 300m}}"))
                .as("a limit without a request is its request")
                .isEqualTo(parse("{requests: {cpu: 300m, memory: 150Mi, ephemeral-storage: 150Gi}, limits: {cpu: 300m,"
                        + " memory: 500Mi, ephemeral-storage: 500Gi}}"));
        String little = "{requests: {cpu: 10m, memory: 50Mi, ephemeral-storage: 50Gi}}";
        String much = "{requests: {cpu: 600m, memory: 600Mi, ephemeral-storage: 600Gi}}";
        assertThatThrownBy(() -> resources("little", little))
                .hasMessageContaining("minimum cpu usage per Container is 50m, but request is 10m");
        assertThatThrownBy(() -> resources("much", much)).isInstanceOf(ApiException.class);
        assertThatThrownBy(() -> resources("much", "{limits: {cpu: 600m}}"))
                .hasMessageContaining("maximum cpu usage per Container is 500m, but limit is 600m");

        range.set("spec", parse("{" + limits.formatted("9m", "49Mi", "49Gi") + "}"));
        assertThat(cluster.client
                        .update(Resources.LIMIT_RANGES, namespace, "", range)
                        .at("/spec/limits/0/min"))
                .isEqualTo(parse("{cpu: 9m, memory: 49Mi, ephemeral-storage: 49Gi}"));
        assertThat(resources("little", little).path("requests"))
                .isEqualTo(parse(little).path("requests"));
        assertThatThrownBy(() -> resources("much", much)).isInstanceOf(ApiException.class);

        cluster.delete(Resources.LIMIT_RANGES, namespace, "l");
        assertThat(cluster.list(Resources.LIMIT_RANGES, namespace)).isEmpty();
        assertThat(resources("much", much)).isEqualTo(parse(much));
    }

    /// What a pod's container that asks for this gets.
    private JsonNode resources(String pod, String asked) {
        return cluster.create(
                        Resources.PODS,
                        namespace,
                        "{apiVersion: v1, kind: Pod, metadata: {name: " + pod
                                + "}, spec: {containers: [{name: c, image:" + " i, resources: " + asked + "}]}}")
                .at("/spec/containers/0/resources");
    }

    private void account(String name, String automount) {
        cluster.create(
                Resources.SERVICE_ACCOUNTS,
                namespace,
                "{apiVersion: v1, kind: ServiceAccount, metadata: {name: " + name + "}, automountServiceAccountToken: "
                        + automount + "}");
    }

    private boolean mounts(String account, String podField) {
        ObjectNode pod = parse(POD.formatted("generated", "serviceAccountName: " + account + ", " + podField));
        Meta.of(pod).remove("name");
        Meta.of(pod).put("generateName", "p-");
        ObjectNode created = cluster.client.create(Resources.PODS, namespace, pod);
        return !created.at("/spec/containers/0/volumeMounts").isEmpty();
    }
}
