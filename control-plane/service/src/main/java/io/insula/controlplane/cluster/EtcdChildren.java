package io.insula.controlplane.cluster;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.process.EtcdRestore;
import io.insula.controlplane.tenant.Stores;
import io.insula.process.ChildProcess;
import io.insula.process.Survivors;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.etcd.EtcdConfig;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;

/// Runs etcds as child processes of this JVM. Stateless.
@Singleton
final class EtcdChildren implements Stores {

    private static final Duration STOP_WITHIN = Duration.ofSeconds(10);

    @Override
    public RunningStore start(StorePlan plan) {
        var child = new ChildProcess(EtcdProcess.spec(
                plan.cluster(),
                plan.folder(),
                plan.pki(),
                plan.clientPort(),
                plan.peerPort(),
                plan.log(),
                plan.quotaBytes()));
        child.start();
        return new Child(child, EtcdProcess.access(plan.pki(), plan.clientPort()), plan.pki());
    }

    @Override
    public void restore(Path snapshot, Path data) {
        EtcdRestore.restore(snapshot, data);
    }

    @Override
    public boolean isRunning(Path folder) {
        return !Survivors.withArgument(EtcdProcess.marker(folder)).isEmpty();
    }

    @Override
    public void end(Path folder) {
        Survivors.withArgument(EtcdProcess.marker(folder)).forEach(left -> Survivors.stop(left.handle(), STOP_WITHIN));
    }

    private record Child(ChildProcess process, EtcdConfig access, ClusterPki pki) implements RunningStore {
        @Override
        public boolean isReady() {
            return process.isReady();
        }

        @Override
        public void probe() {
            process.probe();
        }

        @Override
        public EtcdSnapshots snapshots() {
            return new EtcdSnapshots(access);
        }

        @Override
        public Storage open() {
            return new EtcdStorage(access);
        }

        @Override
        public void close() {
            process.stop();
            pki.hideEtcdKeys();
        }
    }
}
