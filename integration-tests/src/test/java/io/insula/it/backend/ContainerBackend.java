package io.insula.it.backend;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/// A backend in a container of its own.
final class ContainerBackend implements Backend {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final GenericContainer<?> container;
    private final String endpoint;

    private ContainerBackend(GenericContainer<?> container, String endpoint) {
        this.container = container;
        this.endpoint = endpoint;
    }

    static Backend etcd(Path program) {
        // Closed by close(): the test owns it.
        @SuppressWarnings("resource")
        var container = new GenericContainer<>(Images.etcd(program))
                .withCommand(
                        "/usr/bin/etcd",
                        "--data-dir=/tmp/data",
                        "--listen-client-urls=http://0.0.0.0:2379",
                        "--advertise-client-urls=http://127.0.0.1:2379")
                .withExposedPorts(2379)
                .waitingFor(Wait.forHttp("/health").forPort(2379).withStartupTimeout(PATIENCE));
        container.start();
        return new ContainerBackend(container, container.getHost() + ":" + container.getMappedPort(2379));
    }

    /// On the host's network, because a broker tells its clients the address it listens on.
    static Backend kafka() {
        KafkaFiles files = KafkaFiles.formatted();
        @SuppressWarnings("resource")
        var container = new GenericContainer<>(Images.kafka())
                .withNetworkMode("host")
                .withCreateContainerCmdModifier(command -> bind(command, files.folder()))
                .withCommand(files.broker(Path.of(System.getProperty("java.home"), "bin/java")
                                .toString())
                        .toArray(String[]::new))
                .waitingFor(Wait.forLogMessage(".*Kafka Server started.*", 1).withStartupTimeout(PATIENCE));
        container.start();
        return new ContainerBackend(container, "127.0.0.1:" + files.port());
    }

    /// Testcontainers' own bind would first pull an image to see whether binds work.
    private static void bind(CreateContainerCmd command, Path folder) {
        var host = Objects.requireNonNull(command.getHostConfig());
        host.withBinds(new Bind(folder.toString(), new Volume(folder.toString())));
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public String runsAs() {
        return "container";
    }

    @Override
    public void close() {
        container.stop();
    }
}
