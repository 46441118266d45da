package io.insula.controlplane.tenant;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import java.nio.file.Path;

/// Runs the etcds that clusters are stored in. A port: what runs behind it is the provisioner's business.
public interface Stores {

    /// Starts the etcd of one cluster, or takes over the one that an earlier run left; returns when it serves. It is
    /// kept running from then on.
    ///
    /// @throws io.insula.process.ChildException saying why it does not serve; nothing runs then
    RunningStore start(StorePlan plan);

    /// Whether one runs on the data of this folder, whoever started it.
    boolean isRunning(Path folder);

    /// Makes a folder of data out of a snapshot; nothing runs on it yet.
    ///
    /// @param data a store's folder `data`; must not exist
    /// @throws io.insula.process.ChildException saying why it cannot be restored
    void restore(Path snapshot, Path data);

    /// Ends what runs on the data of this folder, whoever started it.
    void end(Path folder);

    /// @param cluster for people: the tenant's name, or `host`
    /// @param folder exists; the store keeps its data in `data/member`
    /// @param clientPort on loopback, as `peerPort`
    /// @param quotaBytes what it may store
    record StorePlan(
            String cluster, Path folder, ClusterPki pki, int clientPort, int peerPort, Path log, long quotaBytes) {}

    /// A store that is kept running. Thread-safe.
    interface RunningStore extends AutoCloseable {

        /// Whether it served when last asked and has not ended since. From memory.
        boolean isReady();

        /// Asks it now.
        ///
        /// @throws io.insula.process.ChildException saying why it does not serve
        void probe();

        /// Copies of what it holds, on a connection of its own, which is the caller's to close.
        EtcdSnapshots snapshots();

        /// What it holds, on a connection of its own, which is the caller's to close.
        Storage open();

        /// Ends it; its data stays.
        @Override
        void close();
    }
}
