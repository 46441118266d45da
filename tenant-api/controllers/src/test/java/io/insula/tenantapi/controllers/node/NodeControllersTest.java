package io.insula.tenantapi.controllers.node;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.ShiftedClock;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NodeControllersTest {

    private final ShiftedClock clock = new ShiftedClock();
    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes(clock, List.of(NodeHealth.factory()));
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
    void keepsANodeTaintedUntilItsKubeletSpeaks() {
        node("fresh");
        assertThat(taints("fresh")).containsExactly("node.kubernetes.io/not-ready:NoSchedule");
        ready("fresh", "True");
        await("no taint", () -> taints("fresh").isEmpty());
        cluster.patch(Resources.NODES, "", "fresh", "{spec: {unschedulable: true}, metadata: {labels: {a: b}}}");
        await("a cordon", () -> taints("fresh").equals(List.of("node.kubernetes.io/unschedulable:NoSchedule")));
        cluster.patch(Resources.NODES, "", "fresh", "{spec: {unschedulable: null}}");
        ready("fresh", "False");
        await(
                "both taints",
                () -> taints("fresh")
                        .equals(List.of(
                                "node.kubernetes.io/not-ready:NoExecute", "node.kubernetes.io/not-ready:NoSchedule")));
        cluster.delete(Resources.NODES, "", "fresh");
        assertThat(cluster.has(Resources.NODES, "", "fresh")).isFalse();
    }

    @Test
    @Conformance(
            value = "[sig-node] NoExecuteTaintManager Multiple Pods [Serial] evicts pods with minTolerationSeconds"
                    + " [Disruptive] [Conformance]",
            weaker = Conformance.NOTHING)
    void evictsPodsWhenTheirTolerationEnds() {
        node("evil");
        ready("evil", "True");
        pod("none", "evil", "[]");
        pod("short", "evil", "[{key: t, operator: Exists, effect: NoExecute, tolerationSeconds: 30}]");
        pod("always", "evil", "[{key: t, operator: Exists, effect: NoExecute}]");
        taint("evil", "[{key: t, value: v, effect: NoExecute}]");
        await("the first to go", () -> !cluster.has(Resources.PODS, namespace, "none"));
        assertThat(cluster.has(Resources.PODS, namespace, "short")).isTrue();
        clock.advance(Duration.ofSeconds(31));
        cluster.patch(
                Resources.PODS,
                namespace,
                "short",
                "{spec: {tolerations: [{key: t, operator: Exists, effect:"
                        + " NoExecute, tolerationSeconds: 30}, {key: more, operator: Exists}, {key: node.kubernetes.io/not-ready,"
                        + " operator: Exists, effect: NoExecute, tolerationSeconds: 300}, {key: node.kubernetes.io/unreachable,"
                        + " operator: Exists, effect: NoExecute, tolerationSeconds: 300}]}}");
        await("the second to go", () -> !cluster.has(Resources.PODS, namespace, "short"));
        assertThat(cluster.has(Resources.PODS, namespace, "always")).isTrue();
        assertThat(cluster.hasEvent(namespace, "TaintManagerEviction")).isTrue();
    }

    @Test
    @Conformance(
            value = "[sig-node] NoExecuteTaintManager Single Pod [Serial] removing taint cancels eviction [Disruptive]"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void sparesAPodWhenTheTaintIsLifted() {
        node("fickle");
        ready("fickle", "True");
        pod("lucky", "fickle", "[{key: t, operator: Exists, effect: NoExecute, tolerationSeconds: 600}]");
        pod("unlucky", "fickle", "[]");
        taint("fickle", "[{key: t, value: v, effect: NoExecute}]");
        await("the other to go", () -> !cluster.has(Resources.PODS, namespace, "unlucky"));
        taint("fickle", "[]");
        await(
                "the message",
                () -> cluster.list(Resources.EVENTS, namespace).stream()
                        .anyMatch(e -> e.path("message")
                                .asText()
                                .equals("Cancelling deletion of Pod " + namespace + "/lucky")));
        assertThat(cluster.has(Resources.PODS, namespace, "lucky")).isTrue();
    }

    @Test
    void declaresANodeUnknownThatFallsSilent() {
        node("silent");
        ready("silent", "True");
        await("no taint", () -> taints("silent").isEmpty());
        pod("p", "silent", "[]");
        cluster.patchStatus(
                Resources.PODS,
                namespace,
                "p",
                "{status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}");
        clock.advance(Duration.ofSeconds(51));
        cluster.patch(Resources.NODES, "", "silent", "{metadata: {annotations: {touched: 'yes'}}}");
        await(
                "its silence to count",
                () -> Condition.of(cluster.get(Resources.NODES, "", "silent"), "Ready")
                        .status()
                        .equals("Unknown"));
        await(
                "its pod to be unready",
                () -> Condition.of(cluster.get(Resources.PODS, namespace, "p"), "Ready")
                        .status()
                        .equals("False"));
        await("the taint", () -> taints("silent").contains("node.kubernetes.io/unreachable:NoExecute"));
    }

    @Test
    void removesPodsOfANodeThatIsGone() {
        node("gone");
        ready("gone", "True");
        cluster.delete(Resources.NODES, "", "gone");
        var nudges = new AtomicInteger();
        await("a pod to be given up", () -> {
            clock.advance(Duration.ofSeconds(41));
            cluster.create(
                    Resources.PODS,
                    namespace,
                    "{apiVersion: v1, kind: Pod, metadata: {name: p" + nudges.incrementAndGet()
                            + ", finalizers: [example.com/keep]}, spec: {nodeName: gone, containers: [{name: c, image:"
                            + " i}]}}");
            return cluster.pods(namespace).stream()
                    .anyMatch(pod -> Meta.isBeingDeleted(pod)
                            && PodView.of(pod).phase().equals("Failed")
                            && Condition.of(pod, "DisruptionTarget").reason().equals("DeletionByPodGC"));
        });
    }

    private void node(String name) {
        cluster.create(Resources.NODES, "", "{apiVersion: v1, kind: Node, metadata: {name: " + name + "}}");
    }

    private void ready(String node, String status) {
        cluster.patchStatus(
                Resources.NODES,
                "",
                node,
                "{status: {conditions: [{type: Ready, status: '" + status + "', lastHeartbeatTime: '"
                        + clock.instant().truncatedTo(ChronoUnit.SECONDS) + "'}]}}");
    }

    private void taint(String node, String taints) {
        cluster.patch(Resources.NODES, "", node, "{spec: {taints: " + taints + "}}");
    }

    private void pod(String name, String node, String tolerations) {
        cluster.create(
                Resources.PODS,
                namespace,
                "{apiVersion: v1, kind: Pod, metadata: {name: " + name + "}, spec: {nodeName: " + node
                        + ", terminationGracePeriodSeconds: 0, tolerations: " + tolerations
                        + ", containers: [{name: c, image: i}]}}");
    }

    private List<String> taints(String node) {
        return StreamSupport.stream(
                        cluster.at(Resources.NODES, "", node, "/spec/taints").spliterator(), false)
                .map(t -> t.path("key").asText() + ":" + t.path("effect").asText())
                .sorted()
                .toList();
    }
}
