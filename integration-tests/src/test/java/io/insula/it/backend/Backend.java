package io.insula.it.backend;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.testcontainers.DockerClientFactory;

/// A server that tests need, wherever it runs.
public interface Backend extends AutoCloseable {

    /// Where clients reach it: `host:port`.
    String endpoint();

    /// `container` or `process`: what a test report says.
    String runsAs();

    @Override
    void close();

    /// Whether a Docker engine answers here.
    static boolean dockerAnswers() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    /// etcd without TLS, empty. In CI finding neither Docker nor etcd is a failure.
    static Backend etcd() {
        Path program = program("etcd");
        return dockerAnswers() ? ContainerBackend.etcd(program) : ProcessBackend.etcd(program);
    }

    /// etcd without TLS, empty, always a process of this machine: what is measured shall not be a container's network.
    static Backend etcdProcess() {
        return ProcessBackend.etcd(program("etcd"));
    }

    /// A single-node Kafka broker, empty.
    static Backend kafka() {
        return dockerAnswers() ? ContainerBackend.kafka() : ProcessBackend.kafka();
    }

    private static Path program(String name) {
        return List.of("/usr/bin", "/usr/local/bin").stream()
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        name + " is not installed: run ./insula test, or apt-get install etcd-server"));
    }

    /// A port that was free a moment ago on loopback.
    static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("no free port", e);
        }
    }

    /// Ends a child: politely first, by force after 20 s.
    static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
