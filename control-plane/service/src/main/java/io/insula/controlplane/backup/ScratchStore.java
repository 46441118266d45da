package io.insula.controlplane.backup;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.process.EtcdRestore;
import io.insula.process.ChildException;
import io.insula.process.ChildProcess;
import io.insula.process.Survivors;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/// An etcd of its own on a restored snapshot, with certificates that nothing else knows, for as long as somebody looks
/// into it.
final class ScratchStore implements AutoCloseable {

    /// Beside that of the tenant's own keys.
    private static final String PKI = "scratch-pki";

    private static final int ATTEMPTS = 5;
    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    private final ChildProcess process;
    private final ClusterPki pki;
    private final EtcdSnapshots content;

    private ScratchStore(ChildProcess process, ClusterPki pki, EtcdSnapshots content) {
        this.process = process;
        this.pki = pki;
        this.content = content;
    }

    /// @param folder to work in; exists
    /// @throws ChildException when the snapshot cannot be restored, or no etcd runs on it
    static ScratchStore open(Path snapshot, Path folder, KeySafe safe) {
        EtcdRestore.restore(snapshot, folder.resolve("data"));
        ClusterPki pki = ClusterPki.open(folder.resolve(PKI), "scratch", List.of(), Clock.systemUTC(), safe);
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            var child = new ChildProcess(EtcdProcess.spec(
                    "scratch", folder, pki, port, freePort(), folder.resolve("etcd.log"), EtcdProcess.QUOTA_BYTES));
            try {
                child.start();
                return new ScratchStore(child, pki, new EtcdSnapshots(EtcdProcess.access(pki, port)));
            } catch (ChildException e) {
                child.stop();
                pki.hideEtcdKeys();
                if (attempt == ATTEMPTS || !e.isPortTaken()) {
                    throw e;
                }
            }
        }
    }

    EtcdSnapshots content() {
        return content;
    }

    /// Ends what runs in a folder, whoever started it, and removes it.
    static void sweep(Path folder, KeySafe safe) {
        Survivors.withArgument(EtcdProcess.marker(folder)).forEach(left -> Survivors.stop(left.handle(), STOP_WITHIN));
        safe.memory().ifPresent(memory -> memory.remove(folder.resolve(PKI)));
        AtomicFiles.deleteTree(folder);
    }

    @Override
    public void close() {
        content.close();
        process.stop();
        pki.hideEtcdKeys();
    }

    private static int freePort() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no port is free", e);
        }
    }
}
