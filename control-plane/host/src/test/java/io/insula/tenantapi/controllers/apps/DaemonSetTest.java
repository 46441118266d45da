package io.insula.tenantapi.controllers.apps;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.simulation.NodesOfATest;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.PodView;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DaemonSetTest {

    private RealCluster cluster;
    private List<String> nodes = List.of();
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = NodesOfATest.cluster(3);
        nodes = cluster.list(Resources.NODES, "").stream()
                .map(Meta::name)
                .sorted()
                .toList();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace();
    }

    @AfterEach
    void cleanNodes() {
        nodes.forEach(node ->
                cluster.patch(Resources.NODES, "", node, "{metadata: {labels: {color: null}}, spec: {taints: null}}"));
    }

    @Test
    @Conformance(
            value = {
                "[sig-apps] Daemon set [Serial] should run and stop simple daemon [Conformance]",
                "[sig-apps] Daemon set [Serial] should retry creating failed daemon pods [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void runsAPodOnEachNodeAndReplacesOneThatFails() {
        set("");
        awaitReady(3);
        assertThat(nodesOfPods()).containsExactlyElementsOf(nodes);
        ObjectNode lost = cluster.pods(namespace).getFirst();
        cluster.delete(Resources.PODS, namespace, Meta.name(lost));
        await("another in its place", () -> !cluster.has(Resources.PODS, namespace, Meta.name(lost)));
        awaitReady(3);
        ObjectNode failed = cluster.pods(namespace).getFirst();
        cluster.patchStatus(Resources.PODS, namespace, Meta.name(failed), "{status: {phase: Failed}}");
        await("the failed one to be replaced", () -> !cluster.has(Resources.PODS, namespace, Meta.name(failed)));
        awaitReady(3);
        assertThat(cluster.hasEvent(namespace, "FailedDaemonPod")).isTrue();
    }

    @Test
    @Conformance(
            value = "[sig-apps] Daemon set [Serial] should run and stop complex daemon [Conformance]",
            weaker = Conformance.NOTHING)
    void followsNodeLabels() {
        set("", "nodeSelector: {color: blue}, ");
        await(
                "nothing to do",
                () -> number("desiredNumberScheduled") == 0
                        && !status("observedGeneration").isEmpty());
        color(nodes.getFirst(), "blue");
        awaitReady(1);
        assertThat(nodesOfPods()).containsExactly(nodes.getFirst());
        color(nodes.getFirst(), "green");
        await("no pod", () -> cluster.pods(namespace).isEmpty());
        cluster.patch(
                Resources.DAEMON_SETS,
                namespace,
                "d",
                "{spec: {template: {spec: {nodeSelector: {color: green}}}, updateStrategy: {type: RollingUpdate}}}");
        awaitReady(1);
    }

    @Test
    void staysOnANodeThatIsTaintedForNewPodsAndLeavesOneThatExecutes() {
        taint(nodes.get(0), "NoSchedule");
        set("");
        awaitReady(2);
        assertThat(nodesOfPods()).doesNotContain(nodes.get(0));
        taint(nodes.get(1), "NoSchedule");
        await("fewer desired", () -> number("desiredNumberScheduled") == 1 && number("numberMisscheduled") == 1);
        assertThat(cluster.pods(namespace)).hasSize(2);
        taint(nodes.get(2), "NoExecute");
        await("one pod", () -> nodesOfPods().equals(List.of(nodes.get(1))));
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] Daemon set [Serial] should update pod when spec was updated and update strategy is RollingUpdate"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void rollsOverOneNodeAtATime() {
        set("");
        awaitReady(3);
        String before = hash();
        image("nginx:2");
        await("all pods to be new", () -> images().equals(List.of("nginx:2", "nginx:2", "nginx:2")));
        awaitReady(3);
        await("the count", () -> number("updatedNumberScheduled") == 3);
        assertThat(hash()).isNotEqualTo(before);
        assertThat(cluster.list(Resources.CONTROLLER_REVISIONS, namespace)).hasSize(2);
    }

    @Test
    @Conformance(
            value = "[sig-apps] Daemon set [Serial] should rollback without unnecessary restarts [Conformance]",
            weaker = Conformance.NOTHING)
    void rollsBackWithoutTouchingPodsThatNeverChanged() {
        set("");
        awaitReady(3);
        var before = cluster.pods(namespace).stream().map(Meta::uid).collect(Collectors.toSet());
        image("foo:non-existent");
        await(
                "a stuck pod of the new image",
                () -> images().equals(List.of("foo:non-existent", "nginx:1", "nginx:1")) && number("numberReady") == 2);
        var untouched = cluster.pods(namespace).stream()
                .map(Meta::uid)
                .filter(before::contains)
                .collect(Collectors.toSet());
        assertThat(untouched).hasSize(2);

        image("nginx:1");
        awaitReady(3);
        assertThat(images()).containsOnly("nginx:1");
        assertThat(cluster.pods(namespace)).extracting(Meta::uid).containsAll(untouched);
        assertThat(cluster.list(Resources.CONTROLLER_REVISIONS, namespace))
                .extracting(revision -> revision.path("revision").asInt())
                .containsExactlyInAnyOrder(2, 3);
    }

    @Test
    void surgesBeforeItDeletes() {
        set(", updateStrategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}");
        awaitReady(3);
        image("nginx:2");
        await("all pods to be new", () -> images().equals(List.of("nginx:2", "nginx:2", "nginx:2")));
        awaitReady(3);
        assertThat(nodesOfPods()).containsExactlyElementsOf(nodes);
    }

    @Test
    void updatesOnDeletionOnly() {
        set(", updateStrategy: {type: OnDelete}");
        awaitReady(3);
        image("nginx:2");
        await(
                "the new revision",
                () -> cluster.list(Resources.CONTROLLER_REVISIONS, namespace).size() == 2);
        assertThat(images()).containsOnly("nginx:1");
        cluster.delete(
                Resources.PODS, namespace, Meta.name(cluster.pods(namespace).getFirst()));
        await("one new pod", () -> images().equals(List.of("nginx:1", "nginx:1", "nginx:2")));
    }

    @Test
    void keepsForeignConditionsAndGoesWithItsPods() {
        set("");
        awaitReady(3);
        cluster.patchStatus(
                Resources.DAEMON_SETS,
                namespace,
                "d",
                "{status: {conditions: [{type: StatusPatched, status: 'True'}]}}");
        cluster.patch(
                Resources.DAEMON_SETS, namespace, "d", "{spec: {minReadySeconds: 0}, metadata: {labels: {a: b}}}");
        assertThat(cluster.client
                        .list(Resources.DAEMON_SETS, namespace, new Query("a=b", ""))
                        .items())
                .singleElement()
                .satisfies(set ->
                        assertThat(set.at("/status/conditions/0/type").asText()).isEqualTo("StatusPatched"));
        cluster.client.delete(
                Resources.DAEMON_SETS, namespace, "d", Json.object().put("propagationPolicy", "Background"));
        await("its pods to go", () -> cluster.pods(namespace).isEmpty());
    }

    private void set(String more) {
        set(more, "");
    }

    private void set(String more, String podMore) {
        cluster.create(
                Resources.DAEMON_SETS,
                namespace,
                "{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: d}, spec: {selector: {matchLabels: {app: d}},"
                        + " template: {metadata: {labels: {app: d}}, spec: {" + podMore
                        + "terminationGracePeriodSeconds: 0, containers: [{name: c, image: 'nginx:1'}]}}" + more
                        + "}}");
    }

    private void image(String image) {
        cluster.patch(
                Resources.DAEMON_SETS,
                namespace,
                "d",
                "{spec: {template: {spec: {containers: [{name: c, image: '" + image + "'}]}}}}");
    }

    private void color(String node, String color) {
        cluster.patch(Resources.NODES, "", node, "{metadata: {labels: {color: " + color + "}}}");
    }

    private void taint(String node, String effect) {
        cluster.patch(Resources.NODES, "", node, "{spec: {taints: [{key: t, value: v, effect: " + effect + "}]}}");
    }

    private void awaitReady(int count) {
        await(
                count + " available pods",
                () -> number("numberAvailable") == count
                        && number("desiredNumberScheduled") == count
                        && status("observedGeneration")
                                .equals(cluster.at(Resources.DAEMON_SETS, namespace, "d", "/metadata/generation")
                                        .asText()));
    }

    private String hash() {
        return cluster.list(Resources.CONTROLLER_REVISIONS, namespace).stream()
                .max(Comparator.comparingInt(
                        revision -> revision.path("revision").asInt()))
                .map(DaemonPods::hash)
                .orElse("");
    }

    private List<String> nodesOfPods() {
        return cluster.pods(namespace).stream()
                .map(pod -> PodView.of(pod).nodeName())
                .sorted()
                .toList();
    }

    private List<String> images() {
        return cluster.pods(namespace).stream()
                .map(pod -> pod.at("/spec/containers/0/image").asText())
                .sorted()
                .toList();
    }

    private String status(String field) {
        return cluster.at(Resources.DAEMON_SETS, namespace, "d", "/status/" + field)
                .asText("");
    }

    private int number(String field) {
        return cluster.at(Resources.DAEMON_SETS, namespace, "d", "/status/" + field)
                .asInt();
    }
}
