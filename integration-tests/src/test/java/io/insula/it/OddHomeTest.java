package io.insula.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.process.BrokerClassPath;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A home whose name holds all that names of folders may hold, in a POSIX locale, through the real launcher. The name
/// is made by a shell, from its bytes: so the locale of these tests does not matter.
final class OddHomeTest {

    /// `a b, it's "ü" 🚀 $(x) \ ` in a shell's words.
    private static final String NAME = "$'a b, it\\'s \"\\303\\274\" \\360\\237\\232\\200 $(x) \\\\ '";

    private static final Duration PATIENCE = Duration.ofMinutes(8);

    @TempDir
    private Path folder;

    @AfterEach
    void stop() throws IOException {
        shell("./insula down --home \"$home\"");
        AtomicFiles.deleteTree(folder.resolve("homes"));
    }

    @Test
    void runsInAHomeOfAnyNameInAnyLocale() throws Exception {
        copyLauncher();
        String up = shell("./insula up --home \"$home\"").ok();
        assertThat(shell("ls -A homes | wc -l").ok().strip())
                .as("folders: one, and no garbled one beside it")
                .isEqualTo("1");
        shell("test -f \"$home/state.json\" -a -f \"$home/kafka/data/meta.properties\" -a -d \"$home/host/etcd/data\"")
                .ok();

        // What it tells to type works as it stands.
        String hint = up.lines()
                .filter(line -> line.contains("tenant create NAME"))
                .findFirst()
                .orElseThrow()
                .strip();
        shell(hint.replace("NAME", "acme")).ok();
        assertThat(shell("./insula status --home \"$home\"").ok()).contains("1 of 1 ready");
        assertThat(shell("./insula audit tail -n 3 --home \"$home\"").ok().lines())
                .hasSize(3);
        shell("./insula down --home \"$home\"").ok();
        assertThat(shell("./insula status --home \"$home\"").failed()).contains("type `insula up --home ");
    }

    @Test
    void saysWhatToDoWhereTheLocaleCannotNameTheHome() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        Run run = shell("LC_ALL=C " + java + " -cp '" + classPath() + "' io.insula.controlplane.cli.Insula status"
                + " --home \"$home\"");

        assertThat(run.failed()).contains("cannot be used in this locale", "export LC_ALL=C.UTF-8");
        assertThat(folder.resolve("homes")).doesNotExist();
    }

    /// The launcher in a tree of its own, where what these tests are made of counts as built.
    private void copyLauncher() throws IOException {
        Files.copy(Path.of("..", "insula"), folder.resolve("insula"));
        Path target = Files.createDirectories(folder.resolve("control-plane/cli/target"));
        Files.writeString(target.resolve("command.classpath"), classPath());
        Path broker = Files.createDirectories(folder.resolve("control-plane/broker/target"));
        Files.writeString(
                broker.resolve("insula.classpath"), BrokerClassPath.given().jars());
        shell(
                        "chmod +x insula && JAVA_HOME='" + System.getProperty("java.home")
                                + "' && { printf '' | cksum && printf '%s\\n' \"$JAVA_HOME\"; } > control-plane/cli/target/insula.stamp")
                .ok();
    }

    private static String classPath() {
        return String.join(
                File.pathSeparator,
                List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)).stream()
                        .filter(entry -> !entry.endsWith("test-classes") && !entry.endsWith("-tests.jar"))
                        .toList());
    }

    private Run shell(String script) throws IOException {
        Path file = folder.resolve("script");
        Files.writeString(
                file,
                "cd '" + folder + "'\nexport INSULA_AOT=off LC_ALL=C JAVA_HOME='" + System.getProperty("java.home")
                        + "'\nunset LANG\n" + "home=\"$PWD/homes\"/" + NAME + "\n" + script + "\n",
                StandardCharsets.UTF_8);
        return Run.of(List.of("/bin/bash", file.toString()), "", PATIENCE);
    }
}
