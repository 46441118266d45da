package io.insula.controlplane.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.keys.KeySafe;
import io.insula.process.ChildException;
import io.insula.process.ChildProcess;
import io.insula.process.ChildSpec;
import io.insula.process.Survivors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs a real broker.
final class KafkaProcessTest {

    @TempDir
    private Path folder;

    @Test
    void formatsStartsAndStopsABrokerInAFolderOfAnyName() throws Exception {
        Path odd = folder.resolve("a, b=c #d %e ${f} it's \\\"g\" ");
        var ports = new Ports(HomeState.open(new Home(folder)), Listening.loopback());
        var kafka = new KafkaProcess(
                odd.resolve("kafka"),
                odd.resolve("kafka.log"),
                ports.choose("kafka"),
                ports.choose("kafka-controller"),
                Clock.systemUTC(),
                KeySafe.PLAIN);
        ChildSpec spec = kafka.prepare();
        try (var child = new ChildProcess(spec)) {
            child.start();

            assertThat(child.isReady()).isTrue();
            assertThat(odd.resolve("kafka/data/meta.properties")).isRegularFile();
            assertThat(odd.resolve("kafka/server.properties"))
                    .content()
                    .as("holds no path, as the format has its own rules and knows Latin 1 only")
                    .doesNotContain(folder.toString());
        }
        assertThat(BrokerClassPath.given().archive())
                .as("for the next one")
                .hasValueSatisfying(archive -> assertThat(archive).isNotEmptyFile());
        try (Stream<Path> beside = Files.list(folder)) {
            assertThat(beside.map(Path::getFileName).map(Path::toString))
                    .allMatch(name -> name.equals("state.json")
                            || name.equals(odd.getFileName().toString()));
        }
        assertThat(Survivors.withArgument(spec.marker())).isEmpty();
    }

    @Test
    void saysWhyTheStorageCannotBeFormatted() {
        var kafka = new KafkaProcess(
                folder.resolve("kafka"), folder.resolve("kafka.log"), 70_000, 70_001, Clock.systemUTC(), KeySafe.PLAIN);

        assertThatThrownBy(kafka::prepare)
                .isInstanceOf(ChildException.class)
                .hasMessageContaining("formatting Kafka's storage ended with 1")
                .hasMessageContaining("port out of range");
    }

    @Test
    void refusesToFormatOverATrail() throws Exception {
        var kafka = new KafkaProcess(
                folder.resolve("kafka"), folder.resolve("kafka.log"), 20_001, 20_002, Clock.systemUTC(), KeySafe.PLAIN);
        kafka.prepare();
        Path properties = folder.resolve("kafka/data/meta.properties");
        Files.delete(properties);

        assertThatThrownBy(kafka::prepare)
                .isInstanceOf(HomeException.class)
                .hasMessageContaining(properties.toString());
    }
}
