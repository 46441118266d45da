package io.insula.controlplane.process;

import io.insula.controlplane.audit.KafkaSettings;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.keys.KeySafe;
import io.insula.process.ChildProcess;
import io.insula.process.Survivors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Somebody else's Kafka, which lets in only those with a client certificate. Can be stopped, killed and
/// started again: what it has acknowledged stays.
public final class TlsKafka implements AutoCloseable {

    private final Path folder;
    private final KafkaProcess kafka;
    private final String bootstrap;
    private @Nullable ChildProcess running;

    public TlsKafka() {
        try {
            folder = Files.createTempDirectory("insula-it-kafka");
        } catch (IOException e) {
            throw new IllegalStateException("no temporary folder", e);
        }
        var ports = new Ports(HomeState.open(new Home(folder)), Listening.loopback());
        int port = ports.choose("kafka");
        bootstrap = "127.0.0.1:" + port;
        kafka = new KafkaProcess(
                folder.resolve("kafka"),
                folder.resolve("kafka.log"),
                port,
                ports.choose("controller"),
                Clock.systemUTC(),
                KeySafe.PLAIN);
    }

    public String bootstrap() {
        return bootstrap;
    }

    public void start() {
        running = new ChildProcess(kafka.prepare());
        running.start();
    }

    /// A clean stop.
    public void stop() {
        if (running != null) {
            running.stop();
            running = null;
        }
    }

    /// SIGKILL, and nothing starts it again.
    public void kill() {
        ChildProcess child = running;
        if (child == null) {
            throw new IllegalStateException("not running");
        }
        List<ProcessHandle> brokers = Survivors.withArgument(KafkaProcess.marker(folder.resolve("kafka"))).stream()
                .map(survivor -> survivor.handle())
                .toList();
        brokers.forEach(ProcessHandle::destroyForcibly);
        child.stop();
        running = null;
        brokers.forEach(
                broker -> broker.onExit().orTimeout(20, TimeUnit.SECONDS).join());
    }

    /// How a service reaches it.
    public KafkaSettings settings(String topic) {
        return new KafkaSettings(() -> bootstrap, clientSettings(), topic);
    }

    /// What Kafka's own tools call a client configuration: a properties file.
    public Path clientConfig() {
        var properties = new Properties();
        properties.putAll(clientSettings());
        Path file = folder.resolve("client.properties");
        try (var writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            properties.store(writer, null);
            return file;
        } catch (IOException e) {
            throw new IllegalStateException("cannot write " + file, e);
        }
    }

    /// Client settings with the address.
    public Map<String, Object> connection() {
        var all = new HashMap<>(clientSettings());
        all.put("bootstrap.servers", bootstrap);
        return all;
    }

    @Override
    public void close() {
        stop();
        AtomicFiles.deleteTree(folder);
    }

    private Map<String, Object> clientSettings() {
        return KafkaProcess.clientSettings(
                KafkaProcess.store(folder.resolve("kafka"), Clock.systemUTC(), KeySafe.PLAIN));
    }
}
