package io.insula.tenantapi.controllers.garbage;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.Owners;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GarbageConformanceTest {

    private static final String TEMPLATE =
            "template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}";

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
            value = "[sig-api-machinery] Garbage collector should delete RS created by deployment when not orphaning"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void deletesTheReplicaSetOfADeployment() {
        createDeployment();
        await("a set", () -> !cluster.list(Resources.REPLICA_SETS, namespace).isEmpty());
        delete(Resources.DEPLOYMENTS, "d", "Background");
        cluster.awaitCollection(namespace);
        await(
                "everything to go, made after the deletion or before it",
                () -> cluster.list(Resources.REPLICA_SETS, namespace).isEmpty()
                        && cluster.pods(namespace).isEmpty());
    }

    /// Before it has made all that it should.
    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] Garbage collector should delete pods created by rc when not orphaning [Conformance]",
            weaker = Conformance.NOTHING)
    void deletesThePodsOfAController() {
        controller("rc", 20);
        await("a pod", () -> !cluster.pods(namespace).isEmpty());
        delete(Resources.REPLICATION_CONTROLLERS, "rc", "Background");
        await("it to go", () -> !cluster.has(Resources.REPLICATION_CONTROLLERS, namespace, "rc"));
        cluster.awaitCollection(namespace);
        await("its pods to go", () -> cluster.pods(namespace).isEmpty());
    }

    @Test
    void deletesNothingOfAnotherUid() {
        controller("rc", 1);
        assertThatThrownBy(() -> cluster.client.delete(
                        Resources.REPLICATION_CONTROLLERS,
                        namespace,
                        "rc",
                        parse("{propagationPolicy: Background, preconditions: {uid: another}}")))
                .hasMessageContaining("the UID in the precondition (another) does not match");
        assertThat(cluster.has(Resources.REPLICATION_CONTROLLERS, namespace, "rc"))
                .isTrue();
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] Garbage collector should orphan RS created by deployment when"
                    + " deleteOptions.PropagationPolicy is Orphan [Conformance]",
            weaker = Conformance.NOTHING)
    void orphansTheReplicaSetOfADeployment() {
        deployment();
        delete(Resources.DEPLOYMENTS, "d", "Orphan");
        await("it to go", () -> !cluster.has(Resources.DEPLOYMENTS, namespace, "d"));
        cluster.awaitCollection(namespace);
        assertThat(cluster.list(Resources.REPLICA_SETS, namespace))
                .singleElement()
                .satisfies(set -> assertThat(Owners.controllerOf(set)).isEmpty());
        assertThat(cluster.pods(namespace)).hasSize(2);
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] Garbage collector should not be blocked by dependency circle [Conformance]",
            weaker = Conformance.NOTHING)
    void isNotBlockedByACircle() {
        ObjectNode one = pod("pod1");
        ObjectNode two = pod("pod2");
        ObjectNode three = pod("pod3");
        own("pod1", three);
        own("pod2", one);
        own("pod3", two);
        delete(Resources.PODS, "pod1", "Foreground");
        await("all to go", () -> cluster.pods(namespace).isEmpty());
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] Garbage collector should keep the rc around until all its pods are deleted if the"
                            + " deleteOptions says so [Serial] [Conformance]",
            weaker = Conformance.NOTHING)
    void keepsAnOwnerUntilItsDependentsAreGone() {
        controller("rc", 2);
        await("two pods", () -> cluster.pods(namespace).size() == 2);
        String held = cluster.podNames(namespace).getFirst();
        cluster.patch(Resources.PODS, namespace, held, "{metadata: {finalizers: [example.com/hold]}}");
        delete(Resources.REPLICATION_CONTROLLERS, "rc", "Foreground");
        await("the other pod to go", () -> cluster.podNames(namespace).equals(List.of(held)));
        cluster.awaitCollection(namespace);
        assertThat(cluster.has(Resources.REPLICATION_CONTROLLERS, namespace, "rc"))
                .isTrue();
        cluster.patch(Resources.PODS, namespace, held, "{metadata: {finalizers: null}}");
        await("it to go", () -> !cluster.has(Resources.REPLICATION_CONTROLLERS, namespace, "rc"));
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] Garbage collector should not delete dependents that have both valid owner and owner"
                            + " that's waiting for dependents to be deleted [Serial] [Conformance]",
            weaker = Conformance.NOTHING)
    void sparesDependentsWithAnotherOwner() {
        controller("going", 10);
        ObjectNode staying = controller("staying", 0);
        await("its pods", () -> cluster.pods(namespace).size() == 10);
        List<String> shared = cluster.podNames(namespace).subList(0, 5);
        ObjectNode second = Owners.controllerReference(staying);
        second.remove(List.of("controller", "blockOwnerDeletion"));
        for (String name : shared) {
            ObjectNode pod = cluster.get(Resources.PODS, namespace, name);
            Meta.of(pod).withArrayProperty("ownerReferences").add(second);
            cluster.client.update(Resources.PODS, namespace, "", pod);
        }
        delete(Resources.REPLICATION_CONTROLLERS, "going", "Foreground");
        await("it to go", () -> !cluster.has(Resources.REPLICATION_CONTROLLERS, namespace, "going"));
        cluster.awaitCollection(namespace);
        assertThat(cluster.podNames(namespace)).isEqualTo(shared);
        assertThat(cluster.pods(namespace)).allSatisfy(pod -> {
            assertThat(Meta.isBeingDeleted(pod)).isFalse();
            assertThat(pod.at("/metadata/ownerReferences").findValuesAsText("name"))
                    .containsExactly("staying");
        });
    }

    private void deployment() {
        createDeployment();
        await("two pods", () -> cluster.pods(namespace).size() == 2);
    }

    private void createDeployment() {
        cluster.create(
                Resources.DEPLOYMENTS,
                namespace,
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 2, selector: {matchLabels:"
                        + " {app: x}}, " + TEMPLATE + "}}");
    }

    private ObjectNode controller(String name, int replicas) {
        return cluster.create(
                Resources.REPLICATION_CONTROLLERS,
                namespace,
                "{apiVersion: v1, kind: ReplicationController, metadata: {name: " + name + "}, spec: {replicas: "
                        + replicas + ", selector: {app: " + name + "}, " + TEMPLATE.replace("app: x", "app: " + name)
                        + "}}");
    }

    private ObjectNode pod(String name) {
        return cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: " + name
                        + "}, spec: {containers: [{name: c, image: i}]}}");
    }

    private void own(String pod, ObjectNode owner) {
        ObjectNode patch = Json.object();
        patch.putObject("metadata").putArray("ownerReferences").add(Owners.controllerReference(owner));
        cluster.client.mergePatch(Resources.PODS, namespace, pod, "", patch);
    }

    /// Of the very object that is there.
    private void delete(GroupVersionResource resource, String name, String policy) {
        String uid = Meta.uid(cluster.get(resource, namespace, name));
        cluster.client.delete(
                resource,
                namespace,
                name,
                parse("{propagationPolicy: " + policy + ", preconditions: {uid: '" + uid + "'}}"));
    }
}
