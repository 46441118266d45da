package io.insula.controlplane.drill;

import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.controlplane.tenant.Clusters;
import io.insula.controlplane.tenant.Stores;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// What a life starts: real etcds, which outlive it, and real API servers, which do not. Thread-safe.
final class MortalParts {

    private static final int CONNECT_MILLIS = 2_000;

    private final Mortal life;
    private final Stores stores;
    private final Clusters clusters;
    private final Map<Clusters.Entrance, Integer> entrances = new ConcurrentHashMap<>();
    private final Queue<AutoCloseable> running = new ConcurrentLinkedQueue<>();

    MortalParts(Mortal life, Stores stores, Clusters clusters) {
        this.life = life;
        this.stores = stores;
        this.clusters = clusters;
    }

    Stores stores() {
        return new OutlivingStores();
    }

    Clusters clusters() {
        return new EndingClusters();
    }

    /// Takes no connections from now on: one that arrives while all are cut would stay open and unread, which none does
    /// when a process ends.
    void stopListening() {
        entrances.forEach((entrance, port) -> {
            Thread.ofVirtual().name("undertaker").start(entrance::close);
            while (isTaken(port)) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        });
    }

    private static boolean isTaken(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// What of a dead life still holds memory and connections.
    void putAway() {
        running.forEach(each -> {
            try {
                each.close();
            } catch (Exception e) {
                // nobody is left who would want to know
            }
        });
    }

    private final class OutlivingStores implements Stores {
        @Override
        public RunningStore start(StorePlan plan) {
            life.does("start etcd");
            RunningStore store = stores.start(plan);
            life.does("go on after the start of etcd");
            return new OutlivingStore(store);
        }

        @Override
        public boolean isRunning(Path folder) {
            life.requireAlive();
            return stores.isRunning(folder);
        }

        @Override
        public void restore(Path snapshot, Path data) {
            life.does("restore a snapshot");
            stores.restore(snapshot, data);
            life.does("go on after a snapshot was restored");
        }

        @Override
        public void end(Path folder) {
            life.does("end etcd");
            stores.end(folder);
        }
    }

    private final class OutlivingStore implements Stores.RunningStore {
        private final Stores.RunningStore store;

        OutlivingStore(Stores.RunningStore store) {
            this.store = store;
        }

        @Override
        public boolean isReady() {
            return store.isReady();
        }

        @Override
        public void probe() {
            life.requireAlive();
            store.probe();
        }

        @Override
        public EtcdSnapshots snapshots() {
            life.requireAlive();
            return store.snapshots();
        }

        @Override
        public Storage open() {
            life.requireAlive();
            return store.open();
        }

        @Override
        public void close() {
            if (!life.isDead()) {
                life.does("stop etcd");
                store.close();
            }
        }
    }

    private final class EndingClusters implements Clusters {
        @Override
        public AutoCloseable openFrontDoor(FrontDoorPlan plan, String listenAddress, AuditSink strangers) {
            return clusters.openFrontDoor(plan, listenAddress, strangers);
        }

        @Override
        public Entrance open(EntrancePlan plan) {
            life.does("listen");
            Entrance opened = clusters.open(plan);
            entrances.put(opened, plan.port());
            return new WatchedEntrance(opened);
        }
    }

    private final class WatchedEntrance implements Clusters.Entrance {
        private final Clusters.Entrance entrance;

        WatchedEntrance(Clusters.Entrance entrance) {
            this.entrance = entrance;
        }

        @Override
        public Clusters.RunningCluster start(Clusters.ClusterPlan plan) {
            life.does("start the API server");
            Clusters.RunningCluster cluster = entrance.start(plan);
            running.add(cluster);
            life.does("go on after the start of the API server");
            return cluster;
        }

        @Override
        public void endRevoked() {
            entrance.endRevoked();
        }

        @Override
        public void keysChanged() {
            life.does("show other keys");
            entrance.keysChanged();
        }

        @Override
        public Optional<Duration> unusedFor() {
            return entrance.unusedFor();
        }

        @Override
        public void close() {
            entrances.remove(entrance);
            entrance.close();
        }
    }
}
