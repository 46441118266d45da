package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.insula.node.containerd.TestContainerd;
import io.insula.node.runtime.Patience;
import io.insula.tenantapi.conformance.Conformance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// As whom containers run and what they may, as upstream's conformance tests look at it: each in a container of one
/// pod.
@ExtendWith(SharedNode.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecurityConformanceTest {

    private static final String NODE = " [NodeConformance] [Conformance]";
    private static final String LINUX = " [LinuxOnly]" + NODE;
    private static final String CONTEXT = "[sig-node] Security Context ";

    private final TestNode node;

    SecurityConformanceTest(TestNode node) {
        this.node = node;
    }

    @BeforeAll
    void runPod() {
        TestContainerd.loadEcho(node.containerd());
        node.create("secured", """
                {terminationGracePeriodSeconds: 0, restartPolicy: Never, hostAliases: [{ip: 123.45.67.89, hostnames: [foo, bar]}],
                 securityContext: {runAsUser: 1001, runAsGroup: 2002, sysctls: [{name: kernel.shm_rmid_forced, value: '1'}]}, containers: [
                 {name: pods-user, image: IMAGE, command: [id]},
                 {name: own-user, image: IMAGE, command: [id], securityContext: {runAsUser: 1002, runAsGroup: 2003}},
                 {name: nobody, image: IMAGE, command: [sh, -c, 'test $(id -u) -eq 65534'], securityContext: {runAsUser: 65534}},
                 {name: last-words, image: IMAGE, command: [sh, -c, 'echo -n DONE > /dev/termination-custom-log'],
                  terminationMessagePath: /dev/termination-custom-log, securityContext: {runAsUser: 10000}},
                 {name: unprivileged, image: IMAGE, command: [ip, link, add, dummy0, type, dummy], securityContext: {runAsUser: 0, privileged: false}},
                 {name: writable, image: IMAGE, command: [touch, checkfile], securityContext: {runAsUser: 0, readOnlyRootFilesystem: false}},
                 {name: read-only, image: IMAGE, command: [/bin/sh, -c, 'echo test > /file; sleep 1000'],
                  securityContext: {runAsUser: 0, readOnlyRootFilesystem: true}},
                 {name: kept-down, image: ECHO, command: [su, -c, id], securityContext: {allowPrivilegeEscalation: false}},
                 {name: raised, image: ECHO, command: [su, -c, id], securityContext: {allowPrivilegeEscalation: true}},
                 {name: sysctl, image: IMAGE, command: [/bin/sysctl, kernel.shm_rmid_forced]},
                 {name: hosts, image: IMAGE, command: [cat, /etc/hosts]}]}
                """.replace("ECHO", "'" + TestContainerd.ECHO + "'"));
        node.await(
                "secured",
                pod -> pod.getSpec().getContainers().stream()
                        .allMatch(c -> c.getName().equals("read-only") || TestNode.isTerminated(pod, c.getName())));
    }

    @AfterAll
    void end() {
        node.end("secured");
    }

    private String said(String container) {
        return node.log("secured", container);
    }

    private void assertSucceeded(String container) {
        assertThat(TestNode.status(node.get("secured"), container)
                        .getState()
                        .getTerminated()
                        .getExitCode())
                .isZero();
    }

    @Test
    @Conformance(
            value = {
                CONTEXT + "should support pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup"
                        + " [LinuxOnly] [Conformance]",
                CONTEXT + "should support container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup"
                        + " [LinuxOnly] [Conformance]",
                CONTEXT + "When creating a container with runAsUser should run the container with uid 65534" + LINUX
            },
            weaker = Conformance.NOTHING)
    void runAsWhomTheyAreTold() {
        assertThat(said("pods-user")).contains("uid=1001", "gid=2002");
        assertThat(said("own-user")).contains("uid=1002", "gid=2003");
        assertSucceeded("nobody");
    }

    @Test
    @Conformance(
            value =
                    "[sig-node] Container Runtime blackbox test on terminated container should report termination message if"
                            + " TerminationMessagePath is set as non-root user and at a non-default path" + NODE,
            weaker = Conformance.NOTHING)
    void mayWriteTheirLastWordsWhereTheySay() {
        var end = TestNode.status(node.get("secured"), "last-words").getState().getTerminated();
        assertThat(end.getExitCode()).isZero();
        assertThat(end.getMessage()).isEqualTo("DONE");
    }

    @Test
    @Conformance(
            value = CONTEXT + "When creating a pod with privileged should run the container as unprivileged when false"
                    + LINUX,
            weaker = Conformance.NOTHING)
    void mayNotMakeDevices() {
        assertThat(said("unprivileged")).contains("Operation not permitted");
    }

    @Test
    @Conformance(
            value = {
                CONTEXT
                        + "When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when"
                        + " readOnlyRootFilesystem=false" + NODE,
                "[sig-node] Kubelet when scheduling a read only busybox container should not write to root filesystem"
                        + LINUX
            },
            weaker = Conformance.NOTHING)
    void writeToTheirRootOnlyWhereTheyMay() {
        assertSucceeded("writable");
        Patience.until("its words", () -> !said("read-only").isEmpty());
        assertThat(said("read-only")).isEqualTo("/bin/sh: can't create /file: Read-only file system");
    }

    /// Busybox says so where it is not root, though its file belongs to root and has the set-user-ID bit.
    @Test
    @Conformance(
            value = CONTEXT
                    + "when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when"
                    + " false" + LINUX,
            weaker = Conformance.NOTHING)
    void doNotRiseWhereTheyMayNot() {
        assertThat(said("kept-down")).contains("must be suid to work properly");
        assertThat(said("raised")).doesNotContain("must be suid");
    }

    @Test
    @Conformance(
            value = "[sig-node] Sysctls [LinuxOnly] [NodeConformance] should support sysctls [Environment:NotInUserNS]"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void findTheKernelAsThePodWantsIt() {
        assertThat(said("sysctl")).isEqualTo("kernel.shm_rmid_forced = 1");
    }

    @Test
    @Conformance(
            value =
                    "[sig-node] Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts"
                            + NODE,
            weaker = Conformance.NOTHING)
    void knowTheNamesOfThePod() {
        assertThat(said("hosts")).contains("123.45.67.89\tfoo\tbar");
    }

    /// Of the four kinds of container that upstream looks at: two of a pod, one that brings its own file, one of the
    /// machine's network.
    @Test
    @Conformance(
            value = "[sig-node] KubeletManagedEtcHosts should test kubelet managed /etc/hosts file" + NODE,
            weaker = Conformance.NOTHING)
    void bringTheirOwnEtcHostsOrGetOne() {
        String volume = "volumes: [{name: hosts, hostPath: {path: /etc/hosts, type: FileOrCreate}}]";
        String original = "{name: hosts, mountPath: /etc/hosts-original}";
        String container = "{name: %s, image: IMAGE, command: [sleep, '1000'], volumeMounts: [%s]}";
        node.create(
                "secured-hosts",
                "{terminationGracePeriodSeconds: 0, %s, containers: [%s, %s, %s]}"
                        .formatted(
                                volume,
                                container.formatted("one", original),
                                container.formatted("two", original),
                                container.formatted("three", original + ", {name: hosts, mountPath: /etc/hosts}")));
        node.create(
                "secured-machine",
                "{terminationGracePeriodSeconds: 0, hostNetwork: true, %s, containers: [%s, %s]}"
                        .formatted(volume, container.formatted("one", original), container.formatted("two", original)));
        Pod own = node.awaitReady("secured-hosts");
        node.awaitReady("secured-machine");
        for (String name : new String[] {"one", "two"}) {
            assertThat(isManaged("secured-hosts", name)).isTrue();
            assertThat(isManaged("secured-machine", name)).isFalse();
        }
        assertThat(isManaged("secured-hosts", "three")).isFalse();
        assertThat(node.exec("secured-hosts", "one", "cat /etc/hosts"))
                .contains(own.getStatus().getPodIP() + "\tsecured-hosts");
        node.end("secured-hosts", "secured-machine");
    }

    private boolean isManaged(String pod, String container) {
        String hosts = node.exec(pod, container, "cat /etc/hosts");
        return hosts.startsWith("# Kubernetes-managed hosts file.")
                && !hosts.equals(node.exec(pod, container, "cat /etc/hosts-original"));
    }
}
