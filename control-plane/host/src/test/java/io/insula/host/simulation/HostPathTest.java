package io.insula.host.simulation;

import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Scheduler;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.FakeApi;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.apps.Factories;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Deployment to Running pod and back, all host controllers together.
final class HostPathTest {

    private final ManagerFixture host = new ManagerFixture(factories());

    private static List<ControllerFactory> factories() {
        var all = new ArrayList<>(Factories.all());
        all.add(Scheduler.factory());
        all.addAll(
                SimulatedNodes.controllers(List.of(NodePool.bareMetal(1), NodePool.virtual(2)), Duration.ofMillis(10)));
        return all;
    }

    @AfterEach
    void stop() {
        host.close();
    }

    @Test
    void registersReadyNodesWithLeases() {
        await("three nodes", () -> host.list(Resources.NODES, "").size() == 3);
        await("leases", () -> host.list(Resources.LEASES, "kube-node-lease").size() == 3);
        await("readiness", () -> host.list(Resources.NODES, "").stream().allMatch(n -> Condition.isTrue(n, "Ready")));
        assertThat(host.get(Resources.NODES, "", "vm-1")
                        .at("/metadata/labels/insula.io~1node-pool")
                        .asText())
                .isEqualTo("vm");
    }

    @Test
    void runsADeploymentAndRollsItOver() {
        deployment(3, "nginx:1");
        await("three ready pods", () -> ready() == 3);
        await("the deployment to be complete", () -> reason("Progressing").equals("NewReplicaSetAvailable"));
        assertThat(pods()).allSatisfy(pod -> {
            assertThat(pod.at("/status/podIP").asText()).startsWith("198.18.");
            assertThat(pod.at("/status/containerStatuses/0/state").has("running"))
                    .isTrue();
        });
        assertThat(pods().stream().map(p -> p.at("/status/podIP").asText()).distinct())
                .hasSize(3);

        host.api.mergePatch(
                Resources.DEPLOYMENTS,
                "default",
                "web",
                "",
                parse("{spec: {template: {spec: {containers: [{name: c, image: 'nginx:2'}]}}}}"));
        await(
                "the new pods only",
                () -> pods().size() == 3
                        && ready() == 3
                        && pods().stream()
                                .allMatch(p -> p.at("/spec/containers/0/image")
                                        .asText()
                                        .equals("nginx:2")));
        await(
                "revision 2",
                () -> Meta.annotations(host.get(Resources.DEPLOYMENTS, "default", "web"))
                        .getOrDefault("deployment.kubernetes.io/revision", "")
                        .equals("2"));
        await(
                "completion",
                () -> host.get(Resources.DEPLOYMENTS, "default", "web")
                                .at("/status/updatedReplicas")
                                .asInt()
                        == 3);
        assertThat(host.list(Resources.REPLICA_SETS, "default")).hasSize(2);
    }

    @Test
    void scalesUpAndDown() {
        deployment(1, "nginx:1");
        await("one", () -> ready() == 1);
        scale(5);
        await("five", () -> ready() == 5);
        scale(2);
        await("two", () -> pods().size() == 2);
        await(
                "the status",
                () -> host.get(Resources.DEPLOYMENTS, "default", "web")
                                .at("/status/replicas")
                                .asInt()
                        == 2);
    }

    @Test
    void saysWhyAPodFitsNowhere() {
        await("three nodes", () -> host.list(Resources.NODES, "").size() == 3);
        await("readiness", () -> host.list(Resources.NODES, "").stream().allMatch(n -> Condition.isTrue(n, "Ready")));
        host.create(
                Resources.PODS,
                "default",
                "{apiVersion: v1, kind: Pod, metadata: {name: big}, spec: {containers: [{name: c, image: i, resources:"
                        + " {requests: {cpu: '500'}}}]}}");
        await(
                "the condition",
                () -> Condition.of(host.get(Resources.PODS, "default", "big"), "PodScheduled")
                        .message()
                        .equals("0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3"
                                + " Preemption is not helpful for scheduling."));
        await(
                "the event",
                () -> host.list(Resources.EVENTS, "default").stream()
                        .anyMatch(e -> e.path("reason").asText().equals("FailedScheduling")));
    }

    @Test
    void leavesAPodOfAnUnknownRuntimePending() {
        host.create(Resources.RUNTIME_CLASSES, "", "{metadata: {name: odd}, handler: firecracker}");
        host.create(
                Resources.PODS,
                "default",
                "{apiVersion: v1, kind: Pod, metadata: {name: odd}, spec: {runtimeClassName: odd, containers: [{name: c,"
                        + " image: i}]}}");
        await(
                "the event",
                () -> host.list(Resources.EVENTS, "default").stream()
                        .anyMatch(e -> e.path("reason").asText().equals("FailedCreatePodSandBox")));
        assertThat(PodView.of(host.get(Resources.PODS, "default", "odd")).phase())
                .isEqualTo("Pending");
    }

    @Test
    void endsAPodGracefully() {
        deployment(1, "nginx:1");
        await("one", () -> ready() == 1);
        ObjectNode pod = pods().getFirst();
        host.api.delete(Resources.PODS, "default", Meta.name(pod), FakeApi.options());
        assertThat(host.has(Resources.PODS, "default", Meta.name(pod))).isTrue();
        await("its end", () -> !host.has(Resources.PODS, "default", Meta.name(pod)));
        await("another", () -> ready() == 1);
    }

    @Test
    void completesAPodWhoseExitIsToldAndFailsOneOverdue() {
        host.create(
                Resources.PODS,
                "default",
                "{apiVersion: v1, kind: Pod, metadata: {name: once, annotations: {insula.io/simulate-exit: '0'}}, spec:"
                        + " {restartPolicy: Never, initContainers: [{name: i, image: i}], containers: [{name: c, image:"
                        + " i}]}}");
        host.create(
                Resources.PODS,
                "default",
                "{apiVersion: v1, kind: Pod, metadata: {name: late}, spec: {activeDeadlineSeconds: 1, containers: [{name:"
                        + " c, image: i}]}}");
        await(
                "success",
                () -> PodView.of(host.get(Resources.PODS, "default", "once"))
                        .phase()
                        .equals("Succeeded"));
        await(
                "failure",
                () -> PodView.of(host.get(Resources.PODS, "default", "late"))
                        .phase()
                        .equals("Failed"));
        assertThat(host.get(Resources.PODS, "default", "late")
                        .at("/status/reason")
                        .asText())
                .isEqualTo("DeadlineExceeded");
    }

    @Test
    void livesByCommandsAndRestartPolicies() {
        pod(
                "done",
                "restartPolicy: Never, containers: [{name: a, image: i, command: ['true']}, {name: b, image: i,"
                        + " command: [sh, -c, 'echo x']}]");
        pod("failed", "restartPolicy: Never, containers: [{name: a, image: i, command: [sh, -c, exit 3]}]");
        pod("twice", "restartPolicy: OnFailure, containers: [{name: a, image: i, command: ['false']}]");
        pod("loops", "containers: [{name: a, image: i, command: ['true']}]");
        pod("mixed", "restartPolicy: Never, containers: [{name: a, image: i, command: ['true']}, {name: b, image: i}]");
        pod(
                "badinit",
                "restartPolicy: Never, initContainers: [{name: i, image: i, command: ['false']}], containers:"
                        + " [{name: a, image: i}]");
        pod(
                "slowinit",
                "initContainers: [{name: i, image: i, command: [sleep, 1]}, {name: s, image: i, restartPolicy:"
                        + " Always}], containers: [{name: a, image: i}]");
        pod("noimage", "containers: [{name: a, image: 'foo:non-existent'}]");
        await("success", () -> phase("done").equals("Succeeded"));
        await("failure", () -> phase("failed").equals("Failed"));
        await("a failed init container", () -> phase("badinit").equals("Failed"));
        await("a back-off", () -> waiting("twice").equals("CrashLoopBackOff"));
        await("a back-off of success", () -> waiting("loops").equals("CrashLoopBackOff"));
        await("no image", () -> waiting("noimage").equals("ImagePullBackOff"));
        await(
                "a slow start",
                () -> PodView.of(host.get(Resources.PODS, "default", "slowinit"))
                        .isReady());
        await(
                "one of two",
                () -> host.get(Resources.PODS, "default", "mixed")
                        .at("/status/containerStatuses/0/state")
                        .has("terminated"));
        assertThat(host.get(Resources.PODS, "default", "failed")
                        .at("/status/containerStatuses/0/state/terminated/exitCode")
                        .asInt())
                .isEqualTo(3);
        assertThat(host.get(Resources.PODS, "default", "twice")
                        .at("/status/containerStatuses/0/restartCount")
                        .asInt())
                .isEqualTo(1);
        assertThat(phase("mixed")).isEqualTo("Running");
        assertThat(PodView.of(host.get(Resources.PODS, "default", "mixed")).isReady())
                .isFalse();
        assertThat(phase("noimage")).isEqualTo("Pending");
        assertThat(host.list(Resources.EVENTS, "default").stream()
                        .map(e -> e.path("message").asText()))
                .contains("Error: ErrImagePull", "Error: ImagePullBackOff");
    }

    @Test
    void refusesAPodWhoseHostPortIsTaken() {
        String spec = "nodeName: " + aNode()
                + ", containers: [{name: a, image: i, ports: [{containerPort: 80, hostPort: 21017}]}]";
        pod("first", spec);
        await(
                "the first",
                () -> PodView.of(host.get(Resources.PODS, "default", "first")).isReady());
        pod("second", spec);
        await("the refusal", () -> phase("second").equals("Failed"));
        assertThat(host.get(Resources.PODS, "default", "second")
                        .at("/status/reason")
                        .asText())
                .isEqualTo("NodePorts");
    }

    @Test
    void startsNoPodBeforeItsClaimsAreBound() {
        pod(
                "early",
                "nodeName: " + aNode()
                        + ", volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], containers: [{name: a, image: i}]");
        await(
                "the reason",
                () -> host.list(Resources.EVENTS, "default").stream()
                        .anyMatch(
                                e -> e.path("message").asText().endsWith("persistentvolumeclaim \"data\" not found")));
        assertThat(phase("early")).isEqualTo("Pending");
    }

    /// The name of a node, once there is one: they come after the test has begun.
    private String aNode() {
        await("a node", () -> !host.list(Resources.NODES, "").isEmpty());
        return Meta.name(host.list(Resources.NODES, "").getFirst());
    }

    private void pod(String name, String spec) {
        host.create(
                Resources.PODS,
                "default",
                "{apiVersion: v1, kind: Pod, metadata: {name: " + name + "}, spec: {" + spec + "}}");
    }

    private String phase(String name) {
        return PodView.of(host.get(Resources.PODS, "default", name)).phase();
    }

    private String waiting(String name) {
        return host.get(Resources.PODS, "default", name)
                .at("/status/containerStatuses/0/state/waiting/reason")
                .asText();
    }

    private void deployment(int replicas, String image) {
        host.create(
                Resources.DEPLOYMENTS,
                "default",
                "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: " + replicas
                        + ", progressDeadlineSeconds: 600, selector: {matchLabels: {app: web}}, strategy: {type:"
                        + " RollingUpdate, rollingUpdate: {maxSurge: 25%, maxUnavailable: 25%}}, template: {metadata:"
                        + " {labels: {app: web}}, spec: {containers: [{name: c, image: '" + image + "'}]}}}}");
    }

    private void scale(int replicas) {
        host.api.mergePatch(Resources.DEPLOYMENTS, "default", "web", "", parse("{spec: {replicas: " + replicas + "}}"));
    }

    private List<ObjectNode> pods() {
        return host.list(Resources.PODS, "default");
    }

    private long ready() {
        return pods().stream().filter(pod -> PodView.of(pod).isReady()).count();
    }

    private String reason(String condition) {
        return Condition.of(host.get(Resources.DEPLOYMENTS, "default", "web"), condition)
                .reason();
    }
}
