package io.insula.controlplane.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.process.ChildException;
import io.insula.process.ChildProcess;
import io.insula.process.ChildSpec;
import io.insula.process.Survivors;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs real etcd processes in temporary folders.
final class ChildProcessTest {

    @TempDir
    private Path folder;

    @Test
    void startsAndStopsEtcd() {
        ChildSpec spec = etcd();
        try (var child = new ChildProcess(spec)) {
            child.start();

            assertThat(child.isReady()).isTrue();
            assertThat(spec.pidFile()).hasContent(child.pid() + "\n");
        }
        assertThat(Survivors.withArgument(spec.marker())).isEmpty();
        assertThat(spec.pidFile()).doesNotExist();
    }

    /// What it is told must be known to the newest etcd that Debian offers too, which `./insula test` fetches.
    @Test
    void startsTheNewestEtcdToo() {
        String newest = System.getenv().getOrDefault("INSULA_NEWER_ETCD", "");
        boolean isCi = !System.getenv().getOrDefault("CI", "").isEmpty();
        assumeTrue(isCi || !newest.isEmpty(), "INSULA_NEWER_ETCD is unset");
        ChildSpec installed = etcd();
        var command = new ArrayList<>(installed.command());
        command.set(0, newest);

        try (var child = new ChildProcess(new ChildSpec(
                installed.name(),
                command,
                installed.marker(),
                installed.folder(),
                installed.log(),
                installed.probe(),
                installed.readyWithin(),
                installed.stopWithin()))) {
            child.start();

            assertThat(child.isReady()).isTrue();
        }
    }

    @Test
    void startsAgainWhatDies() {
        try (var child = new ChildProcess(etcd())) {
            child.start();
            long first = child.pid();

            ProcessHandle.of(first).orElseThrow().destroyForcibly();

            await(() -> child.isReady() && child.pid() != 0 && child.pid() != first);
            assertThat(child.starts()).isEqualTo(2);
        }
    }

    @Test
    void adoptsTheProcessThatACrashedRunLeft() {
        ChildSpec spec = etcd();
        // Never stopped, as if its JVM had been killed: the second one takes the process over.
        var crashed = new ChildProcess(spec);
        crashed.start();
        try (var child = new ChildProcess(spec)) {
            child.start();

            assertThat(child.pid()).isEqualTo(crashed.pid());
            assertThat(child.starts()).isZero();
        } finally {
            crashed.stop();
        }
    }

    @Test
    void endsALeftProcessThatWasStartedOtherwise() {
        var other = new ChildSpec(
                "old",
                List.of("/bin/sh", "-c", "while :; do read -r x; done < /dev/zero", etcd().marker()),
                etcd().marker(),
                folder.resolve("old"),
                folder.resolve("old.log"),
                () -> true,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));
        var left = new ChildProcess(other);
        left.start();
        long leftPid = left.pid();
        try (var child = new ChildProcess(etcd())) {
            left.stop();
            child.start();
            assertThat(child.pid()).isNotEqualTo(leftPid);
            assertThat(ProcessHandle.of(leftPid).filter(ProcessHandle::isAlive)).isEmpty();
        }
    }

    @Test
    void saysWhyAProcessDoesNotStart() {
        assertThatThrownBy(() -> new ChildProcess(broken("echo disk is full; exit 3")).start())
                .isInstanceOf(ChildException.class)
                .hasMessageContaining("ended while starting")
                .hasMessageContaining("disk is full")
                .hasMessageContaining(folder.resolve("broken.log").toString());
    }

    @Test
    void quotesTheTellingLinesOfThisRunOnly() throws Exception {
        Files.writeString(folder.resolve("broken.log"), "fatal: of an earlier run\n");
        String script = "echo starting; echo 'Exception in thread main: no room'; echo '\tat a.b.C'; echo bye; exit 1";

        assertThatThrownBy(() -> new ChildProcess(broken(script)).start())
                .hasMessageContaining("Exception in thread main: no room")
                .hasMessageNotContaining("earlier run")
                .hasMessageNotContaining("a.b.C");
    }

    @Test
    void knowsATakenPortFromTheLog() throws Exception {
        ChildSpec spec = etcd();
        int port = Integer.parseInt(spec.command().stream()
                .filter(argument -> argument.startsWith("--listen-client-urls"))
                .map(argument -> argument.substring(argument.lastIndexOf(':') + 1))
                .findFirst()
                .orElseThrow());
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> new ChildProcess(spec).start())
                    .isInstanceOfSatisfying(
                            ChildException.class,
                            e -> assertThat(e.isPortTaken()).isTrue())
                    .hasMessageContaining("address already in use");
        }
    }

    private ChildSpec broken(String script) {
        return new ChildSpec(
                "broken",
                List.of("/bin/sh", "-c", script, "mark"),
                "mark",
                folder.resolve("broken"),
                folder.resolve("broken.log"),
                () -> false,
                Duration.ofSeconds(20),
                Duration.ofSeconds(1));
    }

    private ChildSpec etcd() {
        var ports = new Ports(HomeState.open(new Home(folder)), Listening.loopback());
        ClusterPki pki = ClusterPki.open(folder.resolve("pki"), "test", List.of(), Clock.systemUTC());
        return EtcdProcess.spec(
                "test",
                folder.resolve("etcd"),
                pki,
                ports.choose("client"),
                ports.choose("peer"),
                folder.resolve("log"),
                EtcdProcess.QUOTA_BYTES);
    }

    private static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(Duration.ofMinutes(3));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("time is up").isBefore(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
