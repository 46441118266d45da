package io.insula.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.service.ServiceMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AotCacheTest {

    @TempDir
    private Path folder;

    private Path jar = Path.of("jar");
    private Path other = Path.of("other");

    @BeforeEach
    void makeJars() throws Exception {
        jar = Files.writeString(folder.resolve("a.jar"), "a");
        other = Files.writeString(folder.resolve("b.jar"), "b");
    }

    @Test
    void isNamedByAllThatItIsBoundTo() throws Exception {
        AotCache cache = cache(List.of(jar, other), "-Xmx1g");

        assertThat(cache(List.of(jar, other), "-Xmx1g")).isEqualTo(cache);
        assertThat(List.of(
                        cache(List.of(jar), "-Xmx1g"),
                        cache(List.of(other, jar), "-Xmx1g"),
                        cache(List.of(jar, other), "-Xmx2g"),
                        cache(List.of(jar, other), "-Xmx1g", "-XX:+UseZGC")))
                .doesNotContain(cache)
                .doesNotHaveDuplicates();

        Files.setLastModifiedTime(other, FileTime.fromMillis(1));
        AotCache later = cache(List.of(jar, other), "-Xmx1g");
        assertThat(later).as("a jar of another time").isNotEqualTo(cache);
        Files.writeString(other, "longer");
        Files.setLastModifiedTime(other, FileTime.fromMillis(1));
        assertThat(cache(List.of(jar, other), "-Xmx1g"))
                .as("a jar of another size")
                .isNotEqualTo(later);
    }

    @Test
    void isNotUsedBeforeItIsThereAndWhole() throws Exception {
        AotCache cache = cache(List.of(jar));
        assertThat(cache.using()).isEmpty();
        Files.createDirectory(cache.workFolder());
        Files.writeString(cache.unfinished(), "half");
        assertThat(cache.using()).isEmpty();

        Files.writeString(cache.file(), "whole");
        assertThat(cache.using()).contains("-XX:AOTCache=" + cache.file());
        assertThat(cache.others()).isEmpty();
        assertThat(cache(List.of(other)).others()).containsExactly(cache.file());
    }

    /// Neither in the way of the service nor in its log.
    @Test
    void isPassedOverInSilenceWhereItDoesNotFit() throws Exception {
        AotCache cache = cache(List.of(jar));
        Files.writeString(cache.file(), "no cache at all");

        var command = new ArrayList<>(List.of(ServiceCommand.java()));
        command.addAll(ServiceMain.jvmArguments());
        command.addAll(cache.using());
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), ServiceMain.class.getName(), "--nonsense"));
        Path said = folder.resolve("said");
        Process service = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();

        assertThat(service.waitFor()).isEqualTo(2);
        assertThat(said)
                .content()
                .startsWith("Missing required option: '--home")
                .doesNotContain("[aot]", "[cds]");
    }

    private AotCache cache(List<Path> classPath, String... flags) {
        return AotCache.of(folder, classPath, List.of(flags));
    }
}
