package io.insula.node.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.node.runtime.ContainerId;
import io.insula.node.runtime.ContainerRuntime;
import io.insula.node.runtime.ContainerRuntimeContract;
import io.insula.node.runtime.ContainerSpec;
import io.insula.node.runtime.Patience;
import io.insula.node.runtime.Resources;
import io.insula.node.runtime.TestSandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Containers under runc, in a real containerd.
@ExtendWith(TestContainerd.class)
final class RuncTest implements ContainerRuntimeContract {

    private final OwnContainerd containerd;

    RuncTest(OwnContainerd containerd) {
        this.containerd = containerd;
    }

    @Override
    public ContainerRuntime runtime() {
        return containerd.runtime();
    }

    @Override
    public String handler() {
        return Handlers.RUNC;
    }

    @Override
    public String image() {
        return TestContainerd.IMAGE;
    }

    @Test
    void killsAContainerThatTakesMoreMemoryThanItMay(@TempDir Path folder) {
        try (TestSandbox sandbox = TestSandbox.run(runtime(), handler(), image(), folder)) {
            ContainerSpec greedy = ContainerRuntimeContract.withResources(
                    sandbox.shell("greedy", "exec tail /dev/zero"), new Resources(0, 0, 0, 32 << 20, 1000, Map.of()));
            ContainerId id = sandbox.start(greedy);

            assertThat(sandbox.awaitExit(id)).satisfies(end -> {
                assertThat(end.reason()).isEqualTo("OOMKilled");
                assertThat(end.code()).isEqualTo(137);
            });
        }
    }

    @Test
    void boundsProcessorsAndChangesTheBoundOfARunningContainer(@TempDir Path folder) {
        try (TestSandbox sandbox = TestSandbox.run(runtime(), handler(), image(), folder)) {
            ContainerSpec spec = ContainerRuntimeContract.withResources(
                    sandbox.shell("main", "sleep 1000"), new Resources(512, 100_000, 50_000, 64 << 20, 0, Map.of()));
            ContainerId id = sandbox.start(spec);
            assertThat(memoryLimit(sandbox, id)).isEqualTo(64 << 20);

            runtime().updateResources(id, new Resources(256, 100_000, 25_000, 96 << 20, 0, Map.of()));
            assertThat(memoryLimit(sandbox, id)).isEqualTo(96 << 20);
        }
    }

    @Test
    void measuresWhatAContainerUses(@TempDir Path folder) {
        try (TestSandbox sandbox = TestSandbox.run(runtime(), handler(), image(), folder)) {
            ContainerId id = sandbox.start(sandbox.shell("main", "while :; do :; done"));
            Patience.until(
                    "use of the processor",
                    () -> runtime().usage().stream()
                            .anyMatch(use -> use.id().equals(id) && use.cpuNanos() > 0 && use.workingSetBytes() > 0));
        }
    }

    private static long memoryLimit(TestSandbox sandbox, ContainerId id) {
        String below = sandbox.spec().cgroupParent() + "/" + id.value();
        try {
            Path unified = Path.of("/sys/fs/cgroup" + below + "/memory.max");
            Path file = Files.exists(unified)
                    ? unified
                    : Path.of("/sys/fs/cgroup/memory" + below + "/memory.limit_in_bytes");
            return Long.parseLong(Files.readString(file).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
