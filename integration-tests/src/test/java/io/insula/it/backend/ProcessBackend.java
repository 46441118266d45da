package io.insula.it.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A backend as a child process.
final class ProcessBackend implements Backend {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final String endpoint;
    private final Path folder;

    private ProcessBackend(Process process, String endpoint, Path folder) {
        this.process = process;
        this.endpoint = endpoint;
        this.folder = folder;
    }

    static Backend etcd(Path program) {
        Path folder = temporary("insula-etcd");
        int port = Backend.freePort();
        String url = "http://127.0.0.1:" + port;
        return start(
                List.of(
                        program.toString(),
                        "--data-dir=" + folder.resolve("data"),
                        "--listen-client-urls=" + url,
                        "--advertise-client-urls=" + url,
                        "--listen-peer-urls=http://127.0.0.1:" + Backend.freePort()),
                folder,
                port);
    }

    static Backend kafka() {
        KafkaFiles files = KafkaFiles.formatted();
        return start(
                files.broker(
                        Path.of(System.getProperty("java.home"), "bin/java").toString()),
                files.folder(),
                files.port());
    }

    @Override
    public String endpoint() {
        return endpoint;
    }

    @Override
    public String runsAs() {
        return "process";
    }

    @Override
    public void close() {
        Backend.end(process);
        remove(folder);
    }

    private static void remove(Path folder) {
        try (var files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | UncheckedIOException e) {
            // left behind in the system's temporary folder: no reason to fail a test
        }
    }

    private static Backend start(List<String> command, Path folder, int port) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("out.log").toFile())
                    .start();
            awaitListening(process, port, folder);
            return new ProcessBackend(process, "127.0.0.1:" + port, folder);
        } catch (IOException e) {
            throw new IllegalStateException(command.getFirst(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void awaitListening(Process process, int port, Path folder)
            throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!listens(port)) {
            if (process.waitFor(100, TimeUnit.MILLISECONDS) || Instant.now().isAfter(deadline)) {
                Backend.end(process);
                throw new IllegalStateException("did not start: " + Files.readString(folder.resolve("out.log")));
            }
        }
    }

    private static boolean listens(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Path temporary(String prefix) {
        try {
            return Files.createTempDirectory(prefix);
        } catch (IOException e) {
            throw new IllegalStateException("no temporary folder", e);
        }
    }
}
