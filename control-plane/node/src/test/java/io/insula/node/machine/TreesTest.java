package io.insula.node.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TreesTest {

    @Test
    void removesAllButWhatLinksLeadTo(@TempDir Path folder) throws IOException {
        Path kept = Files.writeString(folder.resolve("kept"), "kept");
        Path tree = Files.createDirectories(folder.resolve("tree/a/b"));
        Files.createSymbolicLink(tree.resolve("link"), kept);
        Files.createSymbolicLink(tree.resolve("up"), folder);
        Trees.delete(folder.resolve("tree"));

        assertThat(folder.resolve("tree")).doesNotExist();
        assertThat(kept).hasContent("kept");
        Trees.delete(folder.resolve("tree"));
    }

    /// What is bound below, by whatever name, stays, and everything beside it as well.
    @Test
    void removesNothingWhereSomethingIsMounted(@TempDir Path folder) throws Exception {
        Assumptions.assumeTrue((int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0, "mounts need root");
        Path bound = Files.createDirectories(folder.resolve("bound"));
        Files.writeString(bound.resolve("file"), "kept");
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Files.writeString(tree.resolve("beside"), "kept");
        Path target = Files.createDirectories(tree.resolve("a b\tc"));
        assertThat(run("mount", "--bind", bound.toString(), target.toString())).isZero();
        try {
            assertThatThrownBy(() -> Trees.delete(tree))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("something is mounted there")
                    .hasMessageContaining(target.toString());
            assertThat(bound.resolve("file")).hasContent("kept");
            assertThat(tree.resolve("beside")).hasContent("kept");
        } finally {
            assertThat(run("umount", target.toString())).isZero();
        }
        Trees.delete(tree);
        assertThat(tree).doesNotExist();
        assertThat(bound.resolve("file")).hasContent("kept");
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
