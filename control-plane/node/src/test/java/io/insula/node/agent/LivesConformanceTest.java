package io.insula.node.agent;

import static io.insula.node.agent.TestNode.condition;
import static io.insula.node.agent.TestNode.status;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.insula.node.runtime.Patience;
import io.insula.tenantapi.conformance.Conformance;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// How pods begin, fail, start again and end, as upstream's conformance tests look at it. All wait for their
/// restarts at once, and all that is told of them meanwhile is kept.
@ExtendWith(SharedNode.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LivesConformanceTest {

    private static final String NODE = " [NodeConformance] [Conformance]";
    private static final String INIT = "[sig-node] InitContainer [NodeConformance] should ";

    private final TestNode node;
    private final Map<String, List<Pod>> told = new ConcurrentHashMap<>();
    private final Watch watch;

    LivesConformanceTest(TestNode node) {
        this.node = node;
        watch = node.client().pods().inNamespace(TestNode.NAMESPACE).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                told.computeIfAbsent(pod.getMetadata().getName(), _ -> new CopyOnWriteArrayList<>())
                        .add(pod);
            }

            @Override
            public void onClose(WatcherException cause) {
                // a test that misses something says so
            }
        });
    }

    @BeforeAll
    void runPods() {
        String init =
                "initContainers: [{name: init1, image: IMAGE, command: ['%s']}, {name: init2, image: IMAGE, command:"
                        + " ['%s']}], terminationGracePeriodSeconds: 0, restartPolicy: %s, containers: [{name: run1, image: IMAGE,"
                        + " command: [sh, -c, '%s']}]";
        create("lives-init-never", init.formatted("true", "true", "Never", "true"));
        create("lives-init-always", init.formatted("true", "true", "Always", "exec sleep 10000"));
        create("lives-init-again", init.formatted("false", "true", "Always", "exec sleep 10000"));
        create("lives-init-failed", init.formatted("true", "false", "Never", "true"));
        for (String policy : List.of("Always", "OnFailure", "Never")) {
            create("lives-ending-" + policy.toLowerCase(java.util.Locale.ROOT), ending(policy));
        }
        create(
                "lives-said",
                "restartPolicy: Never, terminationGracePeriodSeconds: 0, containers: [{name: main, image: IMAGE, command: [sh,"
                        + " -c, 'echo Hello World; exec sleep 10000']}, {name: 'false', image: IMAGE, command: [/bin/false]}]");
    }

    /// It fails, then ends well, then stays.
    private static String ending(String policy) {
        return ("volumes: [{name: v, emptyDir: {medium: Memory}}], terminationGracePeriodSeconds: 0, restartPolicy:"
                        + " %s, containers: [{name: main, image: IMAGE, volumeMounts: [{name: v, mountPath: /v}], command: [sh, -c,"
                        + " 'echo hello >> /v/n; case $(grep -c hello /v/n) in 1) exit 1;; 2) exit 0;; esac; exec sleep 10000']}]")
                .formatted(policy);
    }

    private void create(String name, String fields) {
        node.create(name, "{" + fields + "}");
    }

    @AfterAll
    void end() {
        watch.close();
        node.end(
                told.keySet().stream().filter(name -> name.startsWith("lives-")).toArray(String[]::new));
    }

    /// No container begins before those that come before it have succeeded, whatever was told.
    private void assertInOrder(String pod) {
        assertThat(told.getOrDefault(pod, List.of())).isNotEmpty().allSatisfy(each -> {
            List<ContainerStatus> inits = each.getStatus().getInitContainerStatuses();
            boolean before = true;
            for (ContainerStatus init : inits) {
                boolean begun = init.getState() != null && init.getState().getWaiting() == null;
                assertThat(before || !begun).as(init.getName()).isTrue();
                var end = init.getState() == null ? null : init.getState().getTerminated();
                before = before && end != null && end.getExitCode() == 0;
            }
            for (ContainerStatus app : each.getStatus().getContainerStatuses()) {
                boolean begun = app.getState() != null && app.getState().getWaiting() == null;
                assertThat(before || !begun).as(app.getName()).isTrue();
                if (!before) {
                    assertThat(app.getState().getWaiting().getReason()).isEqualTo("PodInitializing");
                }
            }
        });
    }

    private static void assertInitialized(Pod pod) {
        assertThat(condition(pod, "Initialized").getStatus()).isEqualTo("True");
        assertThat(pod.getStatus().getInitContainerStatuses()).hasSize(2).allSatisfy(init -> {
            assertThat(init.getReady()).isTrue();
            assertThat(init.getState().getTerminated().getExitCode()).isZero();
        });
    }

    @Test
    @Conformance(
            value = {
                INIT + "invoke init containers on a RestartNever pod [Conformance]",
                INIT + "invoke init containers on a RestartAlways pod [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void beginWithTheirInitContainers() {
        assertInitialized(node.awaitPhase("lives-init-never", "Succeeded"));
        assertInitialized(node.awaitPhase("lives-init-always", "Running"));
        assertInOrder("lives-init-never");
        assertInOrder("lives-init-always");
    }

    @Test
    @Conformance(
            value = INIT + "not start app containers if init containers fail on a RestartAlways pod [Conformance]",
            weaker = Conformance.NOTHING)
    void tryAgainToBegin() {
        Pod pod = node.await("lives-init-again", p -> status(p, "init1").getRestartCount() >= 3);
        assertThat(status(pod, "init1").getLastState().getTerminated().getExitCode())
                .isNotZero();
        assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
        assertNotInitialized(pod, "[init1 init2]");
        assertInOrder("lives-init-again");
    }

    private static void assertNotInitialized(Pod pod, String containers) {
        var initialized = condition(pod, "Initialized");
        assertThat(initialized.getStatus()).isEqualTo("False");
        assertThat(initialized.getReason()).isEqualTo("ContainersNotInitialized");
        assertThat(initialized.getMessage()).isEqualTo("containers with incomplete status: " + containers);
        assertThat(pod.getStatus().getInitContainerStatuses()).hasSize(2);
    }

    @Test
    @Conformance(
            value = INIT + "not start app containers and fail the pod if init containers fail on a RestartNever pod"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void failWhereTheyCannotBegin() {
        Pod pod = node.awaitPhase("lives-init-failed", "Failed");
        assertNotInitialized(pod, "[init2]");
        assertThat(status(pod, "init2").getState().getTerminated().getExitCode())
                .isNotZero();
        assertThat(status(pod, "run1").getState().getWaiting()).isNotNull();
        assertInOrder("lives-init-failed");
    }

    @Test
    @Conformance(
            value =
                    "[sig-node] Container Runtime blackbox test when starting a container that exits should run with the"
                            + " expected status" + NODE,
            weaker = Conformance.NOTHING)
    void endAndStartAgainAsTheirPolicySays() {
        Pod never = node.awaitPhase("lives-ending-never", "Failed");
        assertEnded(never, 0);
        Pod onFailure = node.awaitPhase("lives-ending-onfailure", "Succeeded");
        assertEnded(onFailure, 1);
        Pod always = node.await(
                "lives-ending-always",
                p -> status(p, "main").getRestartCount() == 2
                        && condition(p, "Ready").getStatus().equals("True"));
        assertThat(always.getStatus().getPhase()).isEqualTo("Running");
        assertThat(status(always, "main").getState().getRunning()).isNotNull();
        node.end("lives-ending-never", "lives-ending-onfailure", "lives-ending-always");
        Patience.until(
                "them to go",
                () -> node.client().pods().inNamespace(TestNode.NAMESPACE).list().getItems().stream()
                        .noneMatch(p -> p.getMetadata().getName().startsWith("lives-ending-")));
    }

    private static void assertEnded(Pod pod, int restarts) {
        assertThat(status(pod, "main").getState().getTerminated()).isNotNull();
        assertThat(status(pod, "main").getRestartCount()).isEqualTo(restarts);
        assertThat(condition(pod, "Ready").getStatus()).isEqualTo("False");
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] Kubelet when scheduling a busybox command in a pod should print the output to logs" + NODE,
                "[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should have an terminated"
                        + " reason" + NODE
            },
            weaker = {"reads the log by the API; ours reads the file of it", Conformance.NOTHING})
    void sayWhatTheyPrintAndWhyTheyEnded() {
        Pod pod = node.await("lives-said", p -> TestNode.isRunning(p, "main") && TestNode.isTerminated(p, "false"));
        Patience.until("its words", () -> node.log("lives-said", "main").equals("Hello World"));
        var end = status(pod, "false").getState().getTerminated();
        assertThat(end.getExitCode()).isNotZero();
        assertThat(end.getReason()).isEqualTo("Error");
    }
}
