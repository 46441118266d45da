package io.insula.controlplane.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs a real broker.
final class KafkaProcessTest {

    @TempDir
    private Path folder;

    @Test
    void formatsStartsAndStopsABroker() {
        var ports = new Ports(HomeState.open(new Home(folder)), Listening.loopback());
        var kafka = new KafkaProcess(
                folder.resolve("kafka"),
                folder.resolve("kafka.log"),
                ports.choose("kafka"),
                ports.choose("kafka-controller"),
                Clock.systemUTC());
        ChildSpec spec = kafka.prepare();
        try (var child = new ChildProcess(spec)) {
            child.start();

            assertThat(child.isReady()).isTrue();
        }
        assertThat(Survivors.withArgument(spec.marker())).isEmpty();
    }

    @Test
    void saysWhyTheStorageCannotBeFormatted() {
        var kafka = new KafkaProcess(
                folder.resolve("kafka"), folder.resolve("kafka.log"), 70_000, 70_001, Clock.systemUTC());

        assertThatThrownBy(kafka::prepare)
                .isInstanceOf(ChildException.class)
                .hasMessageContaining("formatting Kafka's storage ended with 1")
                .hasMessageContaining("port out of range");
    }

    @Test
    void refusesToFormatOverATrail() throws Exception {
        var kafka = new KafkaProcess(
                folder.resolve("kafka"), folder.resolve("kafka.log"), 20_001, 20_002, Clock.systemUTC());
        kafka.prepare();
        Path properties = folder.resolve("kafka/data/meta.properties");
        Files.delete(properties);

        assertThatThrownBy(kafka::prepare)
                .isInstanceOf(HomeException.class)
                .hasMessageContaining(properties.toString());
    }
}
