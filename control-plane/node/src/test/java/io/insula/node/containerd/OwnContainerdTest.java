package io.insula.node.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.node.network.PodNetwork;
import io.insula.node.network.Router;
import io.insula.node.runtime.Container.State.Exited;
import io.insula.node.runtime.Container.State.Running;
import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.Patience;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.TestSandbox;
import io.insula.process.Survivors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A containerd's own life, on a real one of its own.
@ExtendWith(TestContainerd.class)
final class OwnContainerdTest {

    @Test
    void leavesContainersRunningWhenItDiesAndNothingWhenItIsDestroyed(OwnContainerd shared, @TempDir Path folder)
            throws IOException {
        Path home = folder.resolve("home");
        var network = new PodNetwork("ins-o" + ProcessHandle.current().pid(), "10.212.7.0/24");
        OwnContainerd first = OwnContainerd.start(home, network);
        ContainerId container;
        try {
            // Another than the shared one: what is in there, is not in here.
            assertThat(first.runtime().images().find(TestContainerd.IMAGE)).isEmpty();
            TestSandbox sandbox =
                    TestSandbox.run(first.runtime(), Handlers.RUNC, SandboxImage.NAME, folder.resolve("logs"));
            container = sandbox.start(sandbox.busybox("main", "busybox sleep 1000"));
            assertThat(shared.runtime().container(container)).isEmpty();

            long pid = first.pid();
            assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
            Patience.until(
                    "another containerd", () -> first.pid() != 0 && first.pid() != pid && runs(first, container));
        } finally {
            first.close();
        }
        assertThat(Survivors.withArgument(home.resolve("config.toml").toString()))
                .isEmpty();
        assertThatThrownBy(() -> first.runtime().info()).isInstanceOf(RuntimeFailure.Unavailable.class);

        OwnContainerd second = OwnContainerd.start(home, network);
        try {
            assertThat(runs(second, container)).isTrue();
            assertThat(Path.of("/sys/class/net", network.device())).exists();
            assertThat(Router.namespace(network)).exists();
        } finally {
            second.destroy();
        }
        assertThat(home).doesNotExist();
        assertThat(ContainerdFiles.of(home).state()).doesNotExist();
        assertThat(Path.of("/sys/class/net", network.device())).doesNotExist();
        assertThat(Router.namespace(network)).doesNotExist();
        assertThat(Files.readString(Path.of("/proc/mounts"))).doesNotContain(home.toString());
        assertThat(Survivors.withArgument(container.value())).isEmpty();
    }

    /// As a machine that goes down does: the next start finds its containers ended, and its images.
    @Test
    void endsWithItsContainersAndKeepsItsImages(@TempDir Path folder) throws IOException {
        Path home = folder.resolve("home");
        var network = new PodNetwork("ins-e" + ProcessHandle.current().pid(), "10.212.8.0/24");
        OwnContainerd first = OwnContainerd.start(home, network);
        TestSandbox sandbox =
                TestSandbox.run(first.runtime(), Handlers.RUNC, SandboxImage.NAME, folder.resolve("logs"));
        ContainerId container =
                sandbox.start(sandbox.busybox("main", "trap 'exit 3' TERM; echo begun; busybox sleep 1000 & wait"));
        Patience.until("its shell", () -> sandbox.log("main").contains("begun"));

        first.end(Duration.ofSeconds(30));

        assertThat(Survivors.withArgument(home.resolve("config.toml").toString()))
                .isEmpty();
        assertThat(Survivors.withArgument(container.value())).isEmpty();
        assertThat(ContainerdFiles.of(home).state()).doesNotExist();
        assertThat(Path.of("/sys/class/net", network.device())).doesNotExist();
        assertThat(Files.readString(Path.of("/proc/mounts"))).doesNotContain(home.toString());
        OwnContainerd second = OwnContainerd.start(home, network);
        try {
            assertThat(second.access().list()).anyMatch(image -> image.tags().contains(SandboxImage.NAME));
            assertThat(second.runtime().container(container).orElseThrow().state())
                    .isInstanceOfSatisfying(
                            Exited.class,
                            exited -> assertThat(exited.code())
                                    .as("it was asked before it was killed")
                                    .isEqualTo(3));
        } finally {
            second.destroy();
        }
    }

    @Test
    void saysWhyAnArchiveHoldsNoImage(OwnContainerd containerd, @TempDir Path folder) throws IOException {
        Path archive = Files.writeString(folder.resolve("image.tar"), "no archive");
        assertThatThrownBy(() -> containerd.access().load(archive))
                .isInstanceOf(NodeException.class)
                .hasMessageContaining(archive.toString());
    }

    /// Two sandboxes of one node reach each other by their addresses, and nobody translates them.
    @Test
    void connectsSandboxes(OwnContainerd containerd, @TempDir Path folder) {
        ContainerRuntime runtime = containerd.runtime();
        try (TestSandbox server = TestSandbox.run(runtime, Handlers.RUNC, TestContainerd.IMAGE, folder);
                TestSandbox client = TestSandbox.run(runtime, Handlers.RUNC, TestContainerd.IMAGE, folder);
                TestSandbox guarded = TestSandbox.run(runtime, Handlers.RUNSC, TestContainerd.IMAGE, folder)) {
            server.start(server.shell(
                    "main", "mkdir /www && echo page > /www/index.html && exec httpd -f -v -p 8080 -h /www"));
            String address =
                    runtime.sandbox(server.id()).orElseThrow().addresses().getFirst();
            String fetch = "until wget -q -O - http://" + address + ":8080/; do sleep 0.2; done";

            assertThat(client.output(client.shell("fetch", fetch))).contains("F page\n");
            assertThat(guarded.output(guarded.shell("fetch", fetch))).contains("F page\n");
            for (TestSandbox visitor : List.of(client, guarded)) {
                assertThat(server.log("main"))
                        .contains(runtime.sandbox(visitor.id())
                                .orElseThrow()
                                .addresses()
                                .getFirst());
            }
        }
    }

    private static boolean runs(OwnContainerd containerd, ContainerId container) {
        try {
            return containerd
                    .runtime()
                    .container(container)
                    .map(found -> found.state() instanceof Running)
                    .orElse(false);
        } catch (RuntimeFailure.Unavailable e) {
            return false;
        }
    }
}
