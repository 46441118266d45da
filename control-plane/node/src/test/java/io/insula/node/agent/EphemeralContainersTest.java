package io.insula.node.agent;

import static io.insula.node.agent.TestNode.NAMESPACE;
import static io.insula.node.agent.TestNode.isRunning;
import static io.insula.node.agent.TestNode.isTerminated;
import static io.insula.node.agent.TestNode.status;
import static io.insula.node.agent.TestNode.waits;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.containerd.OwnContainerd;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.runtime.Patience;
import io.insula.tenantapi.conformance.Conformance;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers that are added to running pods, under runc and gVisor.
@ExtendWith(TestContainerd.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EphemeralContainersTest {

    private static final String SLEEPER =
            "containers: [{name: main, image: IMAGE, command: [sleep, '100003']}], terminationGracePeriodSeconds: 1}";

    private final TestNode node;

    EphemeralContainersTest(OwnContainerd containerd) throws Exception {
        node = new TestNode("debugged", containerd, UnaryOperator.identity());
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
    }

    @Test
    void seesTheProcessesOfItsTargetAndOfNobodyElse() {
        node.create("seen", "{" + SLEEPER);
        node.awaitReady("seen");
        add("seen", "{name: debug, image: IMAGE, targetContainerName: main, command: [sh, -c, 'ps; exit 3']}");
        add("seen", "{name: alone, image: IMAGE, command: [sh, -c, 'ps; sleep 1000']}");

        Pod pod = node.await("seen", p -> isTerminated(p, "debug") && isRunning(p, "alone"));
        assertThat(node.log("seen", "debug")).contains("sleep 100003");
        Patience.until("its processes", () -> node.log("seen", "alone").contains("ps"));
        assertThat(node.log("seen", "alone")).doesNotContain("sleep 100003");
        var ended = status(pod, "debug");
        assertThat(ended.getState().getTerminated().getExitCode()).isEqualTo(3);
        assertThat(ended.getReady()).isFalse();
        assertThat(ended.getRestartCount()).isZero();
        assertThat(pod.getStatus().getPhase()).isEqualTo("Running");
        assertThat(TestNode.condition(pod, "Ready").getStatus()).isEqualTo("True");
        Patience.until(
                "Events",
                () -> node.events("seen")
                        .containsAll(List.of("Created: Created container: debug", "Started: Started container debug")));

        node.client().resource(pod).delete();
        Patience.until(
                "the pod and what was added to it to end",
                () -> node.client()
                                .pods()
                                .inNamespace(NAMESPACE)
                                .withName("seen")
                                .get()
                        == null);
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] Ephemeral Containers [NodeConformance] will start an ephemeral container in an existing pod"
                        + " [Conformance]",
                "[sig-node] Ephemeral Containers [NodeConformance] should update the ephemeral containers in an existing pod"
                        + " [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void startsBesideWhatRunsAndTakesAnother() {
        node.create("joined", "{" + SLEEPER);
        assertThat(node.awaitReady("joined").getMetadata().getGeneration()).isEqualTo(1);
        add(
                "joined",
                "{name: debugger, image: IMAGE, stdin: true, tty: true, command: [sh, -c, 'while true; do echo polo;"
                        + " sleep 2; done']}");
        Pod pod = node.await("joined", p -> isRunning(p, "debugger"));
        assertThat(pod.getMetadata().getGeneration()).isEqualTo(2);
        assertThat(node.exec("joined", "debugger", "echo marco")).isEqualTo("marco\n");
        Patience.until("its words", () -> node.log("joined", "debugger").contains("polo"));
        assertThat(pod.getSpec().getEphemeralContainers()).hasSize(1);
        add("joined", "{name: debugger2, image: IMAGE}");
        assertThat(node.get("joined").getSpec().getEphemeralContainers()).hasSize(2);
    }

    @Test
    void runsUnderGvisorInAnotherKernelThanTheMachines() {
        node.create("guarded", "{runtimeClassName: gvisor, " + SLEEPER);
        node.awaitReady("guarded");
        add("guarded", "{name: debug, image: IMAGE, targetContainerName: main, command: [sh, -c, 'uname -r; ps']}");

        node.await("guarded", p -> isTerminated(p, "debug"));
        assertThat(node.log("guarded", "debug"))
                .startsWith("4.4.0")
                .as("processes of the machine")
                .doesNotContain("containerd");
    }

    @Test
    void saysWhyOneDoesNotStartAndLeavesTheRestAlone() {
        node.create("faulty", "{" + SLEEPER);
        Pod before = node.awaitReady("faulty");
        add("faulty", "{name: missing, image: 'localhost/none:1', imagePullPolicy: Never}");
        add("faulty", "{name: broken, image: IMAGE, command: [/no/such/program]}");

        Pod pod =
                node.await("faulty", p -> waits(p, "missing").equals("ErrImageNeverPull") && isTerminated(p, "broken"));
        assertThat(status(pod, "broken").getState().getTerminated().getReason()).isEqualTo("StartError");
        assertThat(status(pod, "broken").getState().getTerminated().getExitCode())
                .isEqualTo(128);
        assertThat(status(pod, "main").getContainerID())
                .isEqualTo(status(before, "main").getContainerID());
        assertThat(TestNode.condition(pod, "Ready").getStatus()).isEqualTo("True");
    }

    private void add(String pod, String container) {
        var added = Serialization.unmarshal(
                "---\n" + container.replace("IMAGE", "'" + TestContainerd.IMAGE + "'"), EphemeralContainer.class);
        Patience.until("no conflict", () -> {
            try {
                node.client()
                        .pods()
                        .inNamespace(NAMESPACE)
                        .withName(pod)
                        .ephemeralContainers()
                        .edit(p -> new PodBuilder(p)
                                .editSpec()
                                .addToEphemeralContainers(added)
                                .endSpec()
                                .build());
                return true;
            } catch (io.fabric8.kubernetes.client.KubernetesClientException e) {
                if (e.getCode() == 409) {
                    return false;
                }
                throw e;
            }
        });
    }
}
