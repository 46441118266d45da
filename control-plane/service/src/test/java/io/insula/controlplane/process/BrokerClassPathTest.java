package io.insula.controlplane.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.process.ChildException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BrokerClassPathTest {

    @TempDir
    private Path folder;

    @Test
    void isWhatTheSettingSays() {
        assertThat(BrokerClassPath.of("/a/*:/b.jar").jars()).isEqualTo("/a/*:/b.jar");
    }

    @Test
    void isWhatTheFileHoldsThatTheSettingNames() throws Exception {
        Path file = Files.writeString(folder.resolve("class path"), "/a.jar:/b.jar\n");

        assertThat(BrokerClassPath.of("@" + file).jars()).isEqualTo("/a.jar:/b.jar");
    }

    /// Where the jars are named by themselves, there is no folder of ours.
    @Test
    void keepsClassesBesideTheFileThatNamesTheJars() throws Exception {
        Path file = Files.writeString(folder.resolve("class path"), "/a.jar\n");
        Path archive = folder.resolve("class path.jsa");

        BrokerClassPath named = BrokerClassPath.of("@" + file);
        assertThat(named.sharing()).as("before one was made").isEmpty();
        assertThat(named.keeping()).contains("-XX:+AutoCreateSharedArchive", "-XX:SharedArchiveFile=" + archive);
        Files.createFile(archive);
        assertThat(named.sharing())
                .contains("-XX:SharedArchiveFile=" + archive)
                .doesNotContain("-XX:+AutoCreateSharedArchive");
        assertThat(BrokerClassPath.of("/a.jar").keeping()).isEmpty();
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " "})
    void saysWhatToDoWhereThereIsNone(String setting) {
        assertThatThrownBy(() -> BrokerClassPath.of(setting))
                .isInstanceOf(ChildException.class)
                .hasMessageContainingAll("-Dinsula.kafka.classpath", "--kafka-bootstrap");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jar", "/a.jar:", "/a.jar:b.jar", "@/does/not/exist"})
    void refusesWhatABrokerInItsOwnFolderWouldNotFind(String setting) {
        assertThatThrownBy(() -> BrokerClassPath.of(setting))
                .isInstanceOf(ChildException.class)
                .hasMessageContaining("-Dinsula.kafka.classpath");
    }

    /// A class of ours on it would be another path by which tenants' keys and a broker's libraries meet.
    @Test
    void holdsNothingOfOurs() {
        assertThat(BrokerClassPath.given().jars())
                .contains("kafka_2.13", "scala-library", "logback-classic")
                .doesNotContain("insula-");
    }
}
