package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.conformance.Conformance;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/// What upstream's conformance tests do in empty volumes, on disk and in memory: two pods do all of it, as root and as
/// somebody.
@ExtendWith(SharedNode.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EmptyDirsConformanceTest {

    private static final String DIRS = "[sig-storage] EmptyDir volumes ";
    private static final String LINUX = " [LinuxOnly] [NodeConformance] [Conformance]";

    private static final String SCRIPT =
            "for d in disk memory; do echo $d $(stat -c %A /$d) $(grep -c \\\" /$d tmpfs \\\""
                    + " /proc/mounts); for m in 644 666 777; do umask 0; echo new file > /$d/$m; chmod $m /$d/$m;"
                    + " echo $d/$m $(stat -c %A /$d/$m) $(cat /$d/$m); done; done";

    private final TestNode node;

    EmptyDirsConformanceTest(TestNode node) {
        this.node = node;
    }

    @BeforeAll
    void runPods() {
        create("empty-root", "{}");
        create("empty-somebody", "{runAsUser: 1001}");
    }

    private void create(String name, String context) {
        node.create(name, """
                {restartPolicy: Never, securityContext: %s, volumes: [{name: disk, emptyDir: {}}, {name: memory, emptyDir: {medium: Memory}}],
                 containers: [{name: main, image: IMAGE, command: [sh, -c, "%s"],
                  volumeMounts: [{name: disk, mountPath: /disk}, {name: memory, mountPath: /memory}]}]}
                """.formatted(context, SCRIPT));
    }

    @AfterAll
    void end() {
        node.end("empty-root", "empty-somebody");
    }

    @Test
    @Conformance(
            value = {
                DIRS + "volume on default medium should have the correct mode" + LINUX,
                DIRS + "volume on tmpfs should have the correct mode" + LINUX,
                DIRS + "should support (root,0644,default)" + LINUX,
                DIRS + "should support (root,0644,tmpfs)" + LINUX,
                DIRS + "should support (root,0666,default)" + LINUX,
                DIRS + "should support (root,0666,tmpfs)" + LINUX,
                DIRS + "should support (root,0777,default)" + LINUX,
                DIRS + "should support (root,0777,tmpfs)" + LINUX
            },
            weaker = Conformance.NOTHING)
    void belongToRoot() {
        assertAllCanBeDone("empty-root");
    }

    @Test
    @Conformance(
            value = {
                DIRS + "should support (non-root,0644,default)" + LINUX,
                DIRS + "should support (non-root,0644,tmpfs)" + LINUX,
                DIRS + "should support (non-root,0666,default)" + LINUX,
                DIRS + "should support (non-root,0666,tmpfs)" + LINUX,
                DIRS + "should support (non-root,0777,default)" + LINUX,
                DIRS + "should support (non-root,0777,tmpfs)" + LINUX
            },
            weaker = Conformance.NOTHING)
    void areOpenToSomebody() {
        assertAllCanBeDone("empty-somebody");
    }

    private void assertAllCanBeDone(String pod) {
        node.awaitPhase(pod, "Succeeded");
        assertThat(node.log(pod, "main")).isEqualTo("""
                disk drwxrwxrwx 0
                disk/644 -rw-r--r-- new file
                disk/666 -rw-rw-rw- new file
                disk/777 -rwxrwxrwx new file
                memory drwxrwxrwx 1
                memory/644 -rw-r--r-- new file
                memory/666 -rw-rw-rw- new file
                memory/777 -rwxrwxrwx new file""");
    }

    @Test
    @Conformance(
            value = DIRS + "pod should support shared volumes between containers [Conformance]",
            weaker = Conformance.NOTHING)
    void areShared() {
        node.create("empty-shared", """
                {restartPolicy: Never, terminationGracePeriodSeconds: 0, volumes: [{name: shared, emptyDir: {}}], containers: [
                 {name: main, image: IMAGE, command: [sleep, '1000'], volumeMounts: [{name: shared, mountPath: /read}]},
                 {name: other, image: IMAGE, command: [sh, -c, echo hello > /written/file], volumeMounts: [{name: shared, mountPath: /written}]}]}
                """);
        node.await("empty-shared", pod -> TestNode.isRunning(pod, "main"));
        assertThat(node.exec("empty-shared", "main", "cat /read/file")).isEqualTo("hello\n");
        node.end("empty-shared");
    }
}
