package io.insula.controlplane.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Ports;
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
        var ports = new Ports(HomeState.open(new Home(folder)), "127.0.0.1");
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
}
