package io.insula.tenantapi.storage.etcd;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A real etcd with an empty folder on free ports of the loopback interface. Fails where there is no etcd.
public final class EtcdProcess implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int ATTEMPTS = 5;

    private final Path folder;
    private final int port;
    private final List<String> command;
    private @Nullable Process process;

    private EtcdProcess(EtcdRelease release, Path folder, EtcdConfig.@Nullable FileTls tls, List<String> more) {
        this.folder = folder;
        this.port = freePort();
        this.command = command(release.program(), folder, port, tls);
        this.command.addAll(more);
    }

    /// Starts the installed etcd with its data in `folder`.
    public static EtcdProcess start(Path folder) {
        return start(EtcdRelease.INSTALLED, folder);
    }

    /// Starts etcd with its data in `folder`.
    static EtcdProcess start(EtcdRelease release, Path folder) {
        return started(release, folder, null, List.of());
    }

    /// Starts an etcd that holds no more than so many bytes, a multiple of the page size.
    static EtcdProcess startWithQuota(EtcdRelease release, Path folder, long quotaBytes) {
        return started(release, folder, null, List.of("--quota-backend-bytes=" + quotaBytes));
    }

    /// Starts etcd that serves TLS and demands client certificates of the same CA.
    public static EtcdProcess startTls(Path folder, EtcdConfig.FileTls server) {
        return started(EtcdRelease.INSTALLED, folder, server, List.of());
    }

    /// A port that was free a moment ago may be another's by now: then there are others.
    private static EtcdProcess started(
            EtcdRelease release, Path folder, EtcdConfig.@Nullable FileTls tls, List<String> more) {
        for (int attempt = 1; ; attempt++) {
            var etcd = new EtcdProcess(release, folder, tls, more);
            try {
                etcd.start();
                return etcd;
            } catch (IllegalStateException e) {
                if (attempt == ATTEMPTS || !String.valueOf(e.getMessage()).contains("address already in use")) {
                    throw e;
                }
                etcd.close();
                etcd.forget();
            }
        }
    }

    public String endpoint() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    /// Starts it again after [#kill], on the same data and port.
    public void start() {
        try {
            File log = folder.resolve("etcd.log").toFile();
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitPort();
    }

    /// As `kill -STOP`: it keeps its connections and answers nobody.
    void freeze() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("it does not run");
        }
        try {
            int exit = new ProcessBuilder("kill", "-STOP", Long.toString(running.pid()))
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("etcd cannot be stopped: exit code " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /// As `kill -9`.
    public void kill() {
        Process running = process;
        if (running == null) {
            return;
        }
        running.destroyForcibly();
        try {
            if (!running.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IllegalStateException("etcd does not die: " + running.pid());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        process = null;
    }

    @Override
    public void close() {
        kill();
    }

    private void awaitPort() {
        long end = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            Process running = process;
            if (running == null || !running.isAlive()) {
                throw new IllegalStateException("etcd ended at once: " + log());
            }
            try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException e) {
                if (System.nanoTime() - end > 0) {
                    throw new IllegalStateException("etcd does not listen: " + log(), e);
                }
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    private void forget() {
        try {
            Files.deleteIfExists(folder.resolve("etcd.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("etcd.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<String> command(Path program, Path folder, int port, EtcdConfig.@Nullable FileTls tls) {
        String scheme = tls == null ? "http" : "https";
        String client = scheme + "://127.0.0.1:" + port;
        String peer = "http://127.0.0.1:" + freePort();
        var command = new ArrayList<String>();
        command.add(program.toString());
        command.addAll(
                List.of("--name", "test", "--data-dir", folder.resolve("data").toString()));
        command.addAll(List.of("--listen-client-urls", client, "--advertise-client-urls", client));
        command.addAll(List.of("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer));
        command.addAll(List.of("--initial-cluster", "test=" + peer));
        command.addAll(List.of("--experimental-watch-progress-notify-interval", "1s"));
        // it waits for other members before it leads: there are none
        command.addAll(List.of("--heartbeat-interval", "20", "--election-timeout", "200"));
        if (tls != null) {
            command.addAll(List.of("--cert-file", tls.certificate().toString()));
            command.addAll(List.of("--key-file", tls.key().toString()));
            command.addAll(List.of("--trusted-ca-file", tls.ca().toString(), "--client-cert-auth"));
        }
        return command;
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
