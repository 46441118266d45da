package io.insula.tenantapi.controllers.apps;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Deployments and replica sets as upstream's conformance tests use them. No node runs the pods: the tests
/// say when one is ready.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DeploymentConformanceTest {

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
                    "[sig-apps] Deployment RollingUpdateDeployment should delete old pods and create new ones [Conformance]",
            weaker = Conformance.NOTHING)
    void adoptsAReplicaSetAndRollsItOver() {
        cluster.create(
                Resources.REPLICA_SETS,
                namespace,
                "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: old, labels: {app: x}, annotations:"
                        + " {deployment.kubernetes.io/revision: '3546343826724305832'}}, spec: {replicas: 1, "
                        + template("old") + "}}");
        makeReady(1);
        deployment(1, "new", "");
        makeReadyUntil(() -> images().equals(List.of("new")));
        await(
                "the old set to be empty",
                () -> cluster.at(Resources.REPLICA_SETS, namespace, "old", "/spec/replicas")
                                .asInt(-1)
                        == 0);
        assertThat(Owners.controllerName(cluster.get(Resources.REPLICA_SETS, namespace, "old"), "apps", "Deployment"))
                .contains("d");
        assertThat(Meta.annotations(get()))
                .as("it goes on from the adopted set's")
                .containsEntry("deployment.kubernetes.io/revision", "3546343826724305833");
    }

    @Test
    @Conformance(
            value = "[sig-apps] Deployment RecreateDeployment should delete old pods and create new ones [Conformance]",
            weaker = Conformance.NOTHING)
    void endsAllPodsBeforeItStartsNewOnes() {
        deployment(2, "one", ", strategy: {type: Recreate}");
        makeReady(2);
        String held = cluster.podNames(namespace).getFirst();
        cluster.patch(Resources.PODS, namespace, held, "{metadata: {finalizers: [example.com/hold]}}");
        image("two");
        await("the other to go", () -> cluster.podNames(namespace).equals(List.of(held)));
        assertThat(images()).containsExactly("one");
        cluster.patch(Resources.PODS, namespace, held, "{metadata: {finalizers: null}}");
        await("the new ones only", () -> images().equals(List.of("two", "two")));
    }

    @Test
    void rollsOverWhileItRollsAndKeepsNoHistoryBeyondTheLimit() {
        deployment(2, "one", ", revisionHistoryLimit: 0");
        makeReady(2);
        image("two");
        await("the second set", () -> sets().containsKey("two"));
        image("three");
        makeReadyUntil(() -> images().equals(List.of("three", "three")));
        await("one set", () -> sets().keySet().equals(Set.of("three")));
    }

    @Test
    @Conformance(
            value = "[sig-apps] Deployment deployment should support proportional scaling [Conformance]",
            weaker = Conformance.NOTHING)
    void scalesProportionallyDuringARollout() {
        deployment(10, "one", ", strategy: {rollingUpdate: {maxSurge: 3, maxUnavailable: 2}}");
        makeReady(10);
        await("its status", () -> number("availableReplicas") == 10);
        image("404");
        await("a stuck rollout", () -> sets().equals(Map.of("one", 8, "404", 5)));
        cluster.patch(Resources.DEPLOYMENTS, namespace, "d", "{spec: {replicas: 30}}");
        await("shares of the new size", () -> sets().equals(Map.of("one", 20, "404", 13)));
    }

    @Test
    void livesThroughPatchesStatusAndDeletion() {
        deployment(1, "one", "");
        makeReady(1);
        await("availability", () -> Condition.isTrue(get(), "Available"));
        cluster.patch(Resources.DEPLOYMENTS, namespace, "d", "{metadata: {labels: {d: patched}}, spec: {replicas: 2}}");
        makeReady(2);
        await("both", () -> number("readyReplicas") == 2);
        cluster.patchStatus(
                Resources.DEPLOYMENTS,
                namespace,
                "d",
                "{status: {conditions: [{type: StatusPatched, status: 'True', reason: E2E, message: m}]}}");
        cluster.patch(Resources.DEPLOYMENTS, namespace, "d", "{spec: {replicas: 1}}");
        await("one", () -> number("readyReplicas") == 1);
        assertThat(list(Resources.DEPLOYMENTS, "d=patched")).hasSize(1);
        cluster.client.delete(Resources.DEPLOYMENTS, namespace, "d", parse("{propagationPolicy: Background}"));
        await("everything to go", () -> cluster.pods(namespace).isEmpty());
    }

    @Test
    @Conformance(
            value = "[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void keepsAReplicaSet() {
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: orphan, labels: {app: x}}, spec: {containers: [{name: c,"
                        + " image: i}]}}");
        ObjectNode set = cluster.create(
                Resources.REPLICA_SETS,
                namespace,
                "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r, labels: {r: mine}}, spec: {replicas: 1, "
                        + template("one") + "}}");
        await("the adoption", () -> Owners.isControlledBy(cluster.get(Resources.PODS, namespace, "orphan"), set));
        cluster.patch(Resources.PODS, namespace, "orphan", "{metadata: {labels: {app: y}}}");
        await(
                "the release",
                () -> Owners.controllerOf(cluster.get(Resources.PODS, namespace, "orphan"))
                        .isEmpty());
        await("another pod", () -> cluster.pods(namespace).size() == 2);
        cluster.client.mergePatch(Resources.REPLICA_SETS, namespace, "r", "scale", parse("{spec: {replicas: 3}}"));
        await(
                "three",
                () -> cluster.at(Resources.REPLICA_SETS, namespace, "r", "/status/replicas")
                                .asInt()
                        == 3);
        ObjectNode current = cluster.get(Resources.REPLICA_SETS, namespace, "r");
        current.withObjectProperty("spec").put("replicas", 2);
        await("the replacement", () -> replaced(current));
        cluster.patchStatus(
                Resources.REPLICA_SETS,
                namespace,
                "r",
                "{status: {conditions: [{type: StatusPatched, status: 'True'}]}}");
        await(
                "two",
                () -> cluster.at(Resources.REPLICA_SETS, namespace, "r", "/status/replicas")
                                .asInt()
                        == 2);
        assertThat(Condition.isTrue(cluster.get(Resources.REPLICA_SETS, namespace, "r"), "StatusPatched"))
                .isTrue();
        assertThat(list(Resources.REPLICA_SETS, "r=mine")).hasSize(1);
        cluster.client.delete(Resources.REPLICA_SETS, namespace, "r", parse("{propagationPolicy: Background}"));
        await("its pods to go", () -> cluster.podNames(namespace).equals(List.of("orphan")));
    }

    private boolean replaced(ObjectNode wanted) {
        try {
            Meta.of(wanted)
                    .put("resourceVersion", Meta.resourceVersion(cluster.get(Resources.REPLICA_SETS, namespace, "r")));
            cluster.client.update(Resources.REPLICA_SETS, namespace, "", wanted);
            return true;
        } catch (ApiException e) {
            return false;
        }
    }

    private static String template(String image) {
        return "selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c,"
                + " image: '" + image + "'}]}}";
    }

    private void deployment(int replicas, String image, String more) {
        cluster.create(
                Resources.DEPLOYMENTS,
                namespace,
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: " + replicas + ", "
                        + template(image) + more + "}}");
    }

    private void image(String image) {
        cluster.patch(
                Resources.DEPLOYMENTS,
                namespace,
                "d",
                "{spec: {template: {spec: {containers: [{name: c, image: '" + image + "'}]}}}}");
    }

    private void makeReady(int count) {
        makeReadyUntil(() -> cluster.pods(namespace).stream()
                        .filter(pod -> PodView.of(pod).isReady())
                        .count()
                == count);
    }

    private void makeReadyUntil(BooleanSupplier done) {
        await("ready pods", () -> {
            cluster.pods(namespace).stream()
                    .filter(pod -> !PodView.of(pod).isReady() && !Meta.isBeingDeleted(pod))
                    .forEach(this::makeReady);
            return done.getAsBoolean();
        });
    }

    private void makeReady(ObjectNode pod) {
        try {
            cluster.patchStatus(
                    Resources.PODS,
                    namespace,
                    Meta.name(pod),
                    "{status: {phase: Running, conditions: [{type: Ready, status: 'True', lastTransitionTime:"
                            + " '2026-01-01T00:00:00Z'}]}}");
        } catch (ApiException e) {
            assertThat(e.reason()).isEqualTo("NotFound");
        }
    }

    private ObjectNode get() {
        return cluster.get(Resources.DEPLOYMENTS, namespace, "d");
    }

    private List<ObjectNode> list(GroupVersionResource resource, String labels) {
        return cluster.client.list(resource, namespace, new Query(labels, "")).items();
    }

    private List<String> images() {
        return cluster.pods(namespace).stream()
                .map(pod -> pod.at("/spec/containers/0/image").asText())
                .sorted()
                .toList();
    }

    /// Wanted replicas of each replica set by its image.
    private Map<String, Integer> sets() {
        var sets = new TreeMap<String, Integer>();
        cluster.list(Resources.REPLICA_SETS, namespace)
                .forEach(set -> sets.put(
                        set.at("/spec/template/spec/containers/0/image").asText(),
                        set.at("/spec/replicas").asInt()));
        return sets;
    }

    private int number(String field) {
        return cluster.at(Resources.DEPLOYMENTS, namespace, "d", "/status/" + field)
                .asInt();
    }
}
