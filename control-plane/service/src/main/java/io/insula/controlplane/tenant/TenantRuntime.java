package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.BackupKeys;
import io.insula.controlplane.backup.BackupPlace;
import io.insula.controlplane.backup.Backups;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Credentials.Credential;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.controlplane.tenant.Clusters.ClusterPlan;
import io.insula.controlplane.tenant.Clusters.Entrance;
import io.insula.controlplane.tenant.Clusters.EntrancePlan;
import io.insula.controlplane.tenant.Clusters.OwnedObject;
import io.insula.controlplane.tenant.Clusters.RunningCluster;
import io.insula.controlplane.tenant.Clusters.Said;
import io.insula.controlplane.tenant.Stores.RunningStore;
import io.insula.controlplane.tenant.Stores.StorePlan;
import io.insula.process.ChildException;
import io.insula.tenantapi.audit.AuditSink;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Certificates, etcd and API server of one cluster, a tenant's or the embedded host. Confined to one
/// reconciling thread at a time, except for the readers marked so.
public final class TenantRuntime implements AutoCloseable {

    private static final String HOST_PREFIX = "host/";

    private final String name;
    private final Settings settings;
    private final Path folder;
    private final String portPrefix;
    private final ClusterKeys keys;
    private final Runnable look;
    private volatile @Nullable RunningStore etcd;
    private volatile @Nullable Entrance entrance;
    private volatile @Nullable RunningCluster server;
    /// Whether somebody has asked for something while nothing ran.
    private volatile boolean wanted;
    private final ServedSpec served = new ServedSpec();

    /// What all clusters of one installation share.
    ///
    /// @param storeBytes what the etcd of one cluster may store
    /// @param backups where backups of tenants are kept
    /// @param safe how private keys lie on disk
    public record Settings(
            Home home,
            HomeState state,
            Ports ports,
            Stores stores,
            long storeBytes,
            Clusters clusters,
            Listening listening,
            OutgoingRules outgoing,
            BackupPlace backups,
            KeySafe safe,
            Clock clock) {

        /// Backups of this installation; what a dead one was looking into is put away.
        Backups openBackups() {
            var open = new Backups(backups, new BackupKeys(home.backupKeys()), home.scratch(), clock, safe);
            open.sweep();
            return open;
        }
    }

    private TenantRuntime(String name, Settings settings, Path folder, String portPrefix, Runnable look) {
        this.look = look;
        this.name = name;
        this.settings = settings;
        this.folder = folder;
        this.portPrefix = portPrefix;
        this.keys = new ClusterKeys(name, folder, settings.listening(), settings.clock(), settings.safe());
    }

    /// @param look called when somebody asks a sleeping tenant for something; must not block
    static TenantRuntime ofTenant(String name, Settings settings, Runnable look) {
        return new TenantRuntime(name, settings, settings.home().tenant(name), tenantPrefix(name), look);
    }

    public static TenantRuntime ofHost(Settings settings) {
        return new TenantRuntime("host", settings, settings.home().host(), HOST_PREFIX, () -> {});
    }

    /// Where the API server of a tenant answers on this machine, the host's for the empty name; empty where there
    /// has been none. Thread-safe.
    public static Optional<InetSocketAddress> serverOf(String tenant, Settings settings) {
        String prefix = tenant.isEmpty() ? HOST_PREFIX : tenantPrefix(tenant);
        return settings.state()
                .port(prefix + "api")
                .map(port -> URI.create(settings.listening().localUrl(port)))
                .map(url -> new InetSocketAddress(url.getHost().replaceAll("[\\[\\]]", ""), url.getPort()));
    }

    private static String tenantPrefix(String name) {
        return "tenant/" + name + "/";
    }

    /// A kubeconfig for a person, which is remembered. Thread-safe.
    ///
    /// @param cluster as the kubeconfig calls it
    public IssuedKubeconfig issue(String cluster, String user, List<String> groups, Duration validity) {
        return keys.issue(cluster, frontDoor().orElseGet(this::endpoint), user, groups, validity);
    }

    /// What people were given. Thread-safe.
    public List<Credential> issued() {
        return keys.credentials().list();
    }

    /// From now on a certificate is not taken, and what goes on for whoever has shown it ends. Thread-safe.
    ///
    /// @throws IllegalArgumentException for what is no serial number
    public Credential revoke(String serial) {
        Credential revoked = keys.credentials().revoke(serial);
        Entrance open = entrance;
        if (open != null) {
            open.endRevoked();
        }
        return revoked;
    }

    /// Opens or makes the certificates. Thread-safe.
    public ClusterPki pki() {
        return keys.pki();
    }

    /// [#pki], and what people were given of it.
    ClusterKeys keys() {
        return keys;
    }

    /// Has what runs go by the keys as they are now.
    void keysChanged() {
        Entrance open = entrance;
        if (open != null) {
            open.keysChanged();
        }
        RunningCluster running = server;
        if (running != null) {
            running.keysChanged();
        }
    }

    /// What the server goes by.
    ServedSpec served() {
        return served;
    }

    /// Starts etcd where it does not run, and waits until it serves.
    public void startEtcd() {
        if (etcd != null) {
            return;
        }
        Path etcdFolder = AtomicFiles.folder(folder.resolve("etcd"));
        new BegunStore(etcdFolder).requireNotLost();
        etcd = settings.ports()
                .inner(
                        List.of(portPrefix + "etcd", portPrefix + "etcd-peer"),
                        settings.stores().isRunning(etcdFolder),
                        chosen -> startEtcd(etcdFolder, chosen.getFirst(), chosen.getLast()),
                        failure -> failure instanceof ChildException told && told.isPortTaken());
    }

    private RunningStore startEtcd(Path etcdFolder, int clientPort, int peerPort) {
        Path log = settings.home().logs().resolve("etcd-" + name + ".log");
        RunningStore store = settings.stores()
                .start(new StorePlan(name, etcdFolder, pki(), clientPort, peerPort, log, settings.storeBytes()));
        new BegunStore(etcdFolder).remember();
        return store;
    }

    /// Starts the API server where it does not run.
    public void startServer(Clusters.Role role, AuditSink audit) {
        if (server != null) {
            return;
        }
        boolean isClosed = entrance == null;
        Entrance at = entrance();
        try {
            server = at.start(new ClusterPlan(
                    name,
                    role,
                    AtomicFiles.folder(folder),
                    pki(),
                    settings.ports().choose(portPrefix + "etcd"),
                    settings.storeBytes(),
                    settings.listening().bind(),
                    settings.ports().choose(portPrefix + "api"),
                    keys.credentials()::isRevoked,
                    served::authentication,
                    served::isSuspended,
                    settings.outgoing(),
                    audit));
            wanted = false;
        } catch (RuntimeException e) {
            // where clients wait already, they go on waiting
            if (isClosed) {
                closeEntrance();
            }
            throw e;
        }
    }

    /// Whose controllers the server has.
    void runControllers(boolean ours) {
        RunningCluster running = server;
        if (running != null) {
            running.runControllers(ours);
        }
    }

    private Entrance entrance() {
        Entrance open = entrance;
        if (open == null) {
            open = settings.ports()
                    .outer(
                            portPrefix + "api",
                            "API server of " + name,
                            port -> settings.clusters()
                                    .open(new EntrancePlan(
                                            name,
                                            pki(),
                                            settings.listening().bind(),
                                            port,
                                            keys.credentials()::isRevoked,
                                            !portPrefix.equals(HOST_PREFIX),
                                            this::want)));
            entrance = open;
        }
        return open;
    }

    private void closeEntrance() {
        Entrance open = entrance;
        if (open != null) {
            entrance = null;
            open.close();
        }
    }

    /// By each client that waits: whoever comes later tries again what failed.
    private void want() {
        wanted = true;
        look.run();
    }

    /// Stops server and etcd, also one that an earlier run left. Clients still arrive, and wait.
    void sleep() {
        if (!isAsleep()) {
            var _ = entrance();
            halt();
        }
    }

    /// Ends server and etcd, also one that an earlier run left, so that its files can be replaced. Clients who have
    /// arrived wait.
    void halt() {
        stop();
        settings.stores().end(folder.resolve("etcd"));
        keys.hide();
    }

    /// Whether nothing runs but clients arrive. Thread-safe.
    boolean isAsleep() {
        return entrance != null && server == null && etcd == null;
    }

    /// Whether a client waits that has come while nothing ran. Thread-safe.
    boolean isWanted() {
        return wanted;
    }

    /// What the clients wanted is under way.
    void wake() {
        wanted = false;
    }

    /// How long nobody has used it; empty while somebody does, or nothing runs. Thread-safe.
    Optional<Duration> unusedFor() {
        Entrance open = entrance;
        return open == null ? Optional.empty() : open.unusedFor();
    }

    /// Whether its etcd was started here, whatever became of it, or it sleeps. Thread-safe.
    boolean hasBegun() {
        return etcd != null || entrance != null;
    }

    /// Whether the API server was started, whatever became of it. Thread-safe.
    boolean isStarted() {
        return server != null;
    }

    /// Thread-safe.
    public boolean isReady() {
        RunningCluster running = server;
        RunningStore store = etcd;
        return running != null
                && running.isReady()
                && store != null
                && store.isReady()
                && running.readOnlyBecause().isEmpty();
    }

    /// What the tenant says of an object of its. One that does not run says nothing. Takes as long as its store does;
    /// thread-safe.
    Said ask(OwnedObject owned) {
        RunningCluster running = server;
        return running != null && running.isReady() ? running.ask(owned) : new Said.Nothing();
    }

    /// Its pods; empty while it does not run. Takes as long as its store does; thread-safe.
    Optional<List<ObjectNode>> pods() {
        RunningCluster running = server;
        return running != null && running.isReady() ? Optional.of(running.pods()) : Optional.empty();
    }

    /// Whether an eviction of a pod of its was taken. Takes as long as its store does; thread-safe.
    boolean evict(ObjectNode pod) {
        RunningCluster running = server;
        return running != null && running.isReady() && running.evict(pod);
    }

    /// Asks etcd and, through it, the API server's store. Takes as long as they do; thread-safe.
    Optional<Trouble> trouble() {
        RunningCluster running = server;
        RunningStore store = etcd;
        if (running == null || store == null) {
            return Optional.empty();
        }
        try {
            store.probe();
            running.probe();
            return running.readOnlyBecause().map(reason -> new Trouble("StoreOutOfSpace", reason));
        } catch (ChildException e) {
            return Optional.of(troubleOfEtcd(e));
        } catch (RuntimeException e) {
            return Optional.of(new Trouble("StoreNotAnswering", "the store does not answer: " + e.getMessage()));
        }
    }

    /// What a failure of its etcd means to whoever has to mend it.
    Trouble troubleOfEtcd(ChildException failure) {
        return Trouble.ofEtcd(folder.resolve("etcd"), failure);
    }

    /// Its etcd; empty while none serves. Thread-safe.
    Optional<RunningStore> store() {
        return Optional.ofNullable(etcd).filter(RunningStore::isReady);
    }

    /// All that is its on disk.
    Path folder() {
        return folder;
    }

    /// Has its clients find it where they knew it, unless it has a place by now, or somebody else has that one.
    void preferPort(int port) {
        settings.ports().prefer(portPrefix + "api", port);
    }

    /// Where the API server answers to everybody. Thread-safe.
    public String endpoint() {
        return settings.listening().publicUrl(settings.ports().choose(portPrefix + "api"));
    }

    /// Where it is reached by its name, at the port that tenants share; empty where there is none. Thread-safe.
    Optional<String> frontDoor() {
        return portPrefix.equals(HOST_PREFIX)
                ? Optional.empty()
                : settings.listening().frontDoor().map(door -> door.urlOf(name));
    }

    /// [#endpoint], once there was one. Thread-safe.
    Optional<String> knownEndpoint() {
        return settings.state().port(portPrefix + "api").map(settings.listening()::publicUrl);
    }

    /// Where it answers to our own clients, whatever others call this machine. Thread-safe.
    public String localEndpoint() {
        return settings.listening().localUrl(settings.ports().choose(portPrefix + "api"));
    }

    /// Stops server and etcd; everything stays on disk.
    @Override
    public void close() {
        closeEntrance();
        stop();
    }

    private void stop() {
        RunningCluster running = server;
        if (running != null) {
            running.close();
            server = null;
        }
        RunningStore store = etcd;
        if (store != null) {
            store.close();
            etcd = null;
        }
    }

    /// Removes every trace: processes (also those of an earlier run), data, certificates, ports.
    void destroy() {
        closeEntrance();
        halt();
        keys.forget();
        AtomicFiles.deleteTree(folder);
        settings.state().forgetPorts(portPrefix);
    }
}
