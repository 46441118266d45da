package io.insula.node.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bounds of control groups in trees that look like the kernel's; real ones are in the tests of pods.
final class CgroupsTest {

    private static final CgroupBounds SOME = new CgroupBounds(512, 100_000, 50_000, 64 << 20, 100);
    private static final CgroupBounds NONE = new CgroupBounds(2, 100_000, 0, 0, 0);

    @Test
    void boundsInEachHierarchyOfVersion1(@TempDir Path root) throws IOException {
        for (String hierarchy : List.of("cpu", "memory", "pids", "freezer")) {
            Files.createDirectories(root.resolve(hierarchy));
        }
        Cgroups.bound(root, "/insula/pod1", SOME);
        assertThat(root.resolve("cpu/insula/pod1/cpu.shares")).hasContent("512");
        assertThat(root.resolve("cpu/insula/pod1/cpu.cfs_period_us")).hasContent("100000");
        assertThat(root.resolve("cpu/insula/pod1/cpu.cfs_quota_us")).hasContent("50000");
        assertThat(root.resolve("memory/insula/pod1/memory.limit_in_bytes")).hasContent("67108864");
        assertThat(root.resolve("pids/insula/pod1/pids.max")).hasContent("100");
        assertThat(root.resolve("freezer/insula")).doesNotExist();

        Cgroups.bound(root, "/insula/pod1", NONE);
        assertThat(root.resolve("cpu/insula/pod1/cpu.cfs_quota_us")).hasContent("-1");
        assertThat(root.resolve("memory/insula/pod1/memory.limit_in_bytes")).hasContent("-1");
        assertThat(root.resolve("pids/insula/pod1/pids.max")).hasContent("max");
    }

    @Test
    void boundsInTheOneHierarchyOfVersion2(@TempDir Path root) throws IOException {
        Path parent = root.resolve("insula");
        Path pod = Files.createDirectories(parent.resolve("pod1"));
        Files.writeString(root.resolve("cgroup.controllers"), "cpuset cpu io memory pids\n");
        Files.writeString(root.resolve("cgroup.subtree_control"), "cpu memory pids\n");
        Files.writeString(parent.resolve("cgroup.controllers"), "memory\n");
        Files.writeString(parent.resolve("cgroup.subtree_control"), "\n");
        Files.writeString(pod.resolve("cgroup.controllers"), "cpu memory pids\n");

        Cgroups.bound(root, "/insula/pod1", SOME);
        assertThat(root.resolve("cgroup.subtree_control"))
                .as("what is delegated already is not again")
                .hasContent("cpu memory pids\n");
        assertThat(parent.resolve("cgroup.subtree_control")).hasContent("+memory");
        assertThat(pod.resolve("cpu.weight")).hasContent("20");
        assertThat(pod.resolve("cpu.max")).hasContent("50000 100000");
        assertThat(pod.resolve("memory.max")).hasContent("67108864");
        assertThat(pod.resolve("pids.max")).hasContent("100");

        Files.writeString(pod.resolve("cgroup.controllers"), "memory\n");
        Files.delete(pod.resolve("cpu.max"));
        Cgroups.bound(root, "/insula/pod1", NONE);
        assertThat(pod.resolve("memory.max")).hasContent("max");
        assertThat(pod.resolve("cpu.max")).as("there is no such controller").doesNotExist();
    }

    /// Source: KEP-2254, the table of its conversion.
    @ParameterizedTest
    @CsvSource({"0, 1", "2, 1", "1024, 39", "102400, 3906", "262144, 10000"})
    void weighsAsVersion2Does(long shares, long weight) {
        assertThat(new CgroupBounds(shares, 0, 0, 0, 0).weight()).isEqualTo(weight);
    }
}
