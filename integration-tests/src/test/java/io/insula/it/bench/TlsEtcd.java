package io.insula.it.bench;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.it.backend.Backend;
import io.insula.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// An etcd by itself, with the service's flags for it; its certificates were made before it was started.
///
/// @param wallSeconds from its start until it was healthy
/// @param endpoint where it is
record TlsEtcd(ChildProcess process, double wallSeconds, Endpoint endpoint) implements AutoCloseable {

    static TlsEtcd start(Path folder) {
        var pki = ClusterPki.open(folder.resolve("pki"), "bench", List.of(), Clock.systemUTC());
        int port = Backend.freePort();
        var spec = EtcdProcess.spec(
                "bench", folder, pki, port, Backend.freePort(), folder.resolve("etcd.log"), EtcdProcess.QUOTA_BYTES);
        var process = new ChildProcess(spec);
        long begin = System.nanoTime();
        process.start();
        return new TlsEtcd(process, (System.nanoTime() - begin) / 1e9, new Endpoint(pki, port));
    }

    /// @param pki whose client certificate it takes
    record Endpoint(ClusterPki pki, int port) {}

    /// Clients of it, as an API server is one.
    EtcdYardstick yardstick(byte[] value) throws IOException {
        return EtcdYardstick.withTls(
                "127.0.0.1:" + endpoint.port(),
                endpoint.pki().certificateFile("etcd-ca"),
                endpoint.pki().certificateFile("apiserver-etcd-client"),
                endpoint.pki().keyFile("apiserver-etcd-client"),
                value);
    }

    double cpuSeconds() {
        return ProcessHandle.of(process.pid())
                        .flatMap(handle -> handle.info().totalCpuDuration())
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1000.0;
    }

    @Override
    public void close() {
        process.close();
    }
}
