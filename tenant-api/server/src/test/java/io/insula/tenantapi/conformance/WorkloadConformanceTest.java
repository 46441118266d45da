package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.conformance.ObjectLife.Said;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What upstream asks of the API of kinds whose controllers are tested elsewhere: collections, and a status that is
/// replaced, patched and watched. Nobody but the test writes here, so that nothing is put right behind its back.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WorkloadConformanceTest {

    private static final String PODS =
            "selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c,"
                    + " image: i}]}}";
    private static final String WORKLOAD = "{spec: {" + PODS + "}}";
    private static final String JOB =
            "{spec: {parallelism: 2, template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]}}}}";
    private static final Said UPDATED = Said.condition("StatusUpdate");
    private static final Said PATCHED = Said.condition("StatusPatched");

    private TestServer server;
    private String name = "";

    @BeforeAll
    void start() {
        server = new TestServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void newNamespace() {
        name = server.namespace();
    }

    private ObjectLife life(String groupVersion, String plural) {
        return new ObjectLife(server, groupVersion, plural, name);
    }

    @Test
    void collectionsOfDaemonSets() {
        life("apps/v1", "daemonsets").run("daemon", WORKLOAD);
    }

    @Test
    @Conformance(
            value = "[sig-apps] Daemon set [Serial] should verify changes to a daemon set status [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfADaemonSet() {
        life("apps/v1", "daemonsets").runStatusLife("daemon", WORKLOAD, UPDATED, PATCHED);
    }

    @Test
    @Conformance(
            value = "[sig-apps] Deployment should validate Deployment Status endpoints [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfADeployment() {
        life("apps/v1", "deployments").runStatusLife("deployment", WORKLOAD, UPDATED, PATCHED);
    }

    @Test
    void collectionsOfDeployments() {
        life("apps/v1", "deployments").run("deployment", WORKLOAD);
    }

    @Test
    void collectionsOfReplicaSets() {
        life("apps/v1", "replicasets").run("set", WORKLOAD);
    }

    @Test
    @Conformance(
            value = "[sig-apps] ReplicaSet should validate Replicaset Status endpoints [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfAReplicaSet() {
        life("apps/v1", "replicasets").runStatusLife("set", WORKLOAD, UPDATED, PATCHED);
    }

    @Test
    void collectionsOfStatefulSets() {
        life("apps/v1", "statefulsets").run("set", "{spec: {serviceName: s, " + PODS + "}}");
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should validate Statefulset Status"
                            + " endpoints [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfAStatefulSet() {
        life("apps/v1", "statefulsets")
                .runStatusLife("set", "{spec: {serviceName: s, " + PODS + "}}", UPDATED, PATCHED);
    }

    @Test
    @Conformance(
            value = "[sig-apps] Job should apply changes to a job status [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfAJob() {
        // not deleted: a Job leaves its pods behind, which is its controllers' work
        life("batch/v1", "jobs")
                .keepStatus(
                        "job",
                        JOB,
                        Said.condition("CustomConditionType"),
                        new Said("{startTime: '2026-01-01T00:00:00Z'}", "/startTime", "2026-01-01T00:00:00Z"));
    }

    @Test
    @Conformance(
            value =
                    "[sig-scheduling] LimitRange should list, patch and delete a LimitRange by collection [Conformance]",
            weaker = Conformance.NOTHING)
    void collectionsOfLimitRanges() {
        ObjectLife life = life("v1", "limitranges");
        String limits = "{spec: {limits: [{type: Container, min: {cpu: 50m}, max: {cpu: 500m}, default: {cpu: 500m},"
                + " defaultRequest: {cpu: 100m}}]}}";
        life.run("limits", limits);
        String one = life.path("one");
        server.post(one.substring(0, one.lastIndexOf('/')), "{metadata: {name: one}, " + limits.substring(1));
        JsonNode patched = server.patch(
                one,
                "{spec: {limits: [{type: Container, min: {cpu: 10m}, max: {cpu: 500m}, default: {cpu: 500m},"
                        + " defaultRequest: {cpu: 100m}}]}}");
        assertThat(patched.at("/spec/limits/0/min/cpu").asText()).isEqualTo("10m");
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] ResourceQuota should manage the lifecycle of a ResourceQuota [Conformance]",
            weaker = Conformance.NOTHING)
    void collectionsOfQuotas() {
        ObjectLife life = life("v1", "resourcequotas");
        life.run("quota", "{spec: {hard: {cpu: '1', memory: 500Mi}}}");
        String one = life.path("one");
        server.post(one.substring(0, one.lastIndexOf('/')), "{metadata: {name: one}, spec: {hard: {cpu: '1'}}}");
        assertThat(server.patch(one, "{spec: {hard: {memory: 750Mi}}}")
                        .at("/spec/hard/memory")
                        .asText())
                .isEqualTo("750Mi");
    }

    @Test
    @Conformance(
            value = "[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]",
            weaker = Conformance.NOTHING)
    void livesOfServiceAccounts() {
        ObjectLife life = life("v1", "serviceaccounts");
        life.run("account", "{}");
        String one = life.path("one");
        server.post(one.substring(0, one.lastIndexOf('/')), "{metadata: {name: one}}");
        JsonNode patched = server.patch(one, "{automountServiceAccountToken: false}");
        assertThat(patched.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    }

    @Test
    @Conformance(
            value = "[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]",
            weaker = Conformance.NOTHING)
    void livesOfNodes() {
        new ObjectLife(server, "v1", "nodes", "").run("node", "{spec: {unschedulable: true}}");
    }

    @Test
    @Conformance(
            value =
                    "[sig-storage] PersistentVolumes CSI Conformance should apply changes to a pv/pvc status [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfVolumesAndClaims() {
        new ObjectLife(server, "v1", "persistentvolumes", "")
                .keepStatus(
                        "one",
                        volume("b"),
                        new Said(
                                "{phase: Available, message: StatusUpdated, reason: E2E}", "/message", "StatusUpdated"),
                        new Said("{message: StatusPatched, reason: E2E}", "/message", "StatusPatched"));
        life("v1", "persistentvolumeclaims").keepStatus("one", CLAIM, UPDATED, PATCHED);
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] Namespaces [Serial] should apply changes to a namespace status [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfANamespace() {
        new ObjectLife(server, "v1", "namespaces", "").keepStatus(name + "-status", "{}", UPDATED, PATCHED);
    }

    private static final String CLAIM =
            "{spec: {accessModes: [ReadWriteOnce], storageClassName: e2e, resources: {requests: {storage: 1Gi}}}}";

    private static String volume(String path) {
        return "{spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], storageClassName: e2e, hostPath: {path:"
                + " /tmp/" + path + "}}}";
    }
}
