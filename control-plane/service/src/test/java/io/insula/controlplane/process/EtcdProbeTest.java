package io.insula.controlplane.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.process.ChildProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whether an etcd works is asked every two seconds of each tenant.
final class EtcdProbeTest {

    @TempDir
    private Path folder;

    @Test
    void asksOverOneConnection() throws IOException {
        var ports = new Ports(HomeState.open(new Home(folder)), Listening.loopback());
        ClusterPki pki = ClusterPki.open(folder.resolve("pki"), "test", List.of(), Clock.systemUTC());
        int port = ports.choose("client");
        var counted = new Counted(pki.etcdTls().getSocketFactory());
        try (var etcd = new ChildProcess(EtcdProcess.spec(
                "test",
                folder.resolve("etcd"),
                pki,
                port,
                ports.choose("peer"),
                folder.resolve("log"),
                EtcdProcess.QUOTA_BYTES))) {
            etcd.start();

            for (int i = 0; i < 10; i++) {
                assertThat(EtcdProcess.isHealthy(port, counted)).isTrue();
            }
        }
        // a machine that stands still for seconds may lose one that is kept
        assertThat(counted.made.get()).isBetween(1, 3);
    }

    /// Counts the connections that are made by it.
    private static final class Counted extends SSLSocketFactory {
        private final SSLSocketFactory real;
        private final AtomicInteger made = new AtomicInteger();

        private Counted(SSLSocketFactory real) {
            this.real = real;
        }

        @Override
        public Socket createSocket(Socket socket, String host, int port, boolean closes) throws IOException {
            made.incrementAndGet();
            return real.createSocket(socket, host, port, closes);
        }

        @Override
        public Socket createSocket(String host, int port) throws IOException {
            made.incrementAndGet();
            return real.createSocket(host, port);
        }

        @Override
        public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
            made.incrementAndGet();
            return real.createSocket(host, port, local, localPort);
        }

        @Override
        public Socket createSocket(InetAddress host, int port) throws IOException {
            made.incrementAndGet();
            return real.createSocket(host, port);
        }

        @Override
        public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
            made.incrementAndGet();
            return real.createSocket(host, port, local, localPort);
        }

        @Override
        public String[] getDefaultCipherSuites() {
            return real.getDefaultCipherSuites();
        }

        @Override
        public String[] getSupportedCipherSuites() {
            return real.getSupportedCipherSuites();
        }
    }
}
