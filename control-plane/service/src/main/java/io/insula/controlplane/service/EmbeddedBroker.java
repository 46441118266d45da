package io.insula.controlplane.service;

import io.insula.controlplane.audit.KafkaSettings;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.process.KafkaProcess;
import io.insula.process.ChildException;
import io.insula.process.ChildProcess;
import io.insula.process.Survivors;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The Kafka broker that Insula runs itself. Its ports are nobody's business but ours: a taken one is replaced.
/// Thread-safe: [#start] is for one thread, the others may ask at any time.
final class EmbeddedBroker implements AutoCloseable {

    private static final String CLIENTS = "kafka";
    private static final String CONTROLLER = "kafka-controller";

    private final Home home;
    private final Ports ports;
    private final Clock clock;
    private final KeySafe safe;
    private final KafkaSettings settings;
    private volatile @Nullable ChildProcess child;
    private volatile boolean closed;

    EmbeddedBroker(Home home, Ports ports, Clock clock, KeySafe safe) {
        this.home = home;
        this.ports = ports;
        this.clock = clock;
        this.safe = safe;
        this.settings = new KafkaSettings(
                () -> "127.0.0.1:" + ports.choose(CLIENTS),
                KafkaProcess.clientSettings(KafkaProcess.store(home.kafka(), clock, safe)),
                KafkaSettings.TOPIC);
    }

    /// Usable before the broker answers: clients try until it does.
    KafkaSettings settings() {
        return settings;
    }

    /// Starts the broker, or adopts the one that a killed run left, and waits until it answers.
    void start() {
        boolean running =
                !Survivors.withArgument(KafkaProcess.marker(home.kafka())).isEmpty();
        ports.inner(
                List.of(CLIENTS, CONTROLLER),
                running,
                chosen -> start(chosen.getFirst(), chosen.getLast()),
                failure -> failure instanceof ChildException told && told.isPortTaken());
    }

    boolean isReady() {
        ChildProcess running = child;
        return running != null && running.isReady();
    }

    @Override
    public void close() {
        closed = true;
        ChildProcess running = child;
        if (running != null) {
            running.stop();
            KafkaProcess.hideKeyStore(home.kafka(), safe);
        }
    }

    private ChildProcess start(int port, int controllerPort) {
        var kafka = new KafkaProcess(home.kafka(), home.logs().resolve("kafka.log"), port, controllerPort, clock, safe);
        var next = new ChildProcess(kafka.prepare());
        child = next;
        if (closed) {
            throw new ChildException("kafka: stopped while starting");
        }
        next.start();
        return next;
    }
}
