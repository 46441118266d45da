package io.insula.tenantapi.controllers.apps;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.view.Condition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReplicationControllerTest {

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
            value = "[sig-apps] ReplicationController should release no longer matching pods [Conformance]",
            weaker = Conformance.NOTHING)
    void releasesAPodThatNoLongerMatches() {
        controller(1);
        await("a pod", () -> cluster.pods(namespace).size() == 1);
        String pod = cluster.podNames(namespace).getFirst();
        cluster.patch(Resources.PODS, namespace, pod, "{metadata: {labels: {name: other}}}");
        await(
                "its release",
                () -> Owners.controllerOf(cluster.get(Resources.PODS, namespace, pod))
                        .isEmpty());
        await("another pod", () -> cluster.pods(namespace).size() == 2);
    }

    @Test
    @Conformance(
            value = "[sig-apps] ReplicationController should adopt matching pods on creation [Conformance]",
            weaker = Conformance.NOTHING)
    void adoptsAMatchingPod() {
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: orphan, labels: {name: rc}}, spec: {containers: [{name: c,"
                        + " image: i}]}}");
        ObjectNode controller = controller(1);
        // or replaced, where the controller hears of the pod after it has made one
        await("one pod, which is its own", () -> {
            var pods = cluster.pods(namespace);
            return pods.size() == 1 && Owners.isControlledBy(pods.getFirst(), controller);
        });
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded"
                            + " quota [Conformance]",
            weaker = Conformance.NOTHING)
    void tellsOfAnExceededQuotaUntilItFits() {
        cluster.create(
                Resources.RESOURCE_QUOTAS,
                namespace,
                "{apiVersion: v1, kind: ResourceQuota, metadata: {name: two}, spec: {hard: {pods: '2'}}}");
        await(
                "the quota",
                () -> cluster.at(Resources.RESOURCE_QUOTAS, namespace, "two", "/status/used/pods")
                        .asText()
                        .equals("0"));
        controller(3);
        await("the failure", () -> condition().path("status").asText().equals("True"));
        assertThat(condition().path("reason").asText()).isEqualTo("FailedCreate");
        assertThat(condition().path("message").asText())
                .contains("is forbidden: exceeded quota: two, requested: pods=1, used: pods=2, limited: pods=2");
        cluster.patch(Resources.REPLICATION_CONTROLLERS, namespace, "rc", "{spec: {replicas: 2}}");
        await("no failure", () -> condition().isMissingNode());
        assertThat(cluster.pods(namespace)).hasSize(2);
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] Garbage collector should orphan pods created by rc if delete options say so [Serial]"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void leavesItsPodsWhenOrphaning() {
        controller(2);
        await("two pods", () -> cluster.pods(namespace).size() == 2);
        cluster.client.delete(
                Resources.REPLICATION_CONTROLLERS,
                namespace,
                "rc",
                Json.object().put("propagationPolicy", "Orphan"));
        await("it to go", () -> !cluster.has(Resources.REPLICATION_CONTROLLERS, namespace, "rc"));
        cluster.awaitCollection(namespace);
        assertThat(cluster.pods(namespace))
                .hasSize(2)
                .allSatisfy(pod -> assertThat(Owners.controllerOf(pod)).isEmpty());
    }

    private ObjectNode controller(int replicas) {
        return cluster.create(
                Resources.REPLICATION_CONTROLLERS,
                namespace,
                "{apiVersion: v1, kind: ReplicationController, metadata: {name: rc}, spec: {replicas: " + replicas
                        + ", selector: {name: rc}, template: {metadata: {labels: {name: rc}}, spec: {containers: [{name:"
                        + " c, image: i}]}}}}");
    }

    private JsonNode condition() {
        return Condition.of(cluster.get(Resources.REPLICATION_CONTROLLERS, namespace, "rc"), "ReplicaFailure")
                .tree();
    }
}
