package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.backup.BackupFolder;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.keys.KeySafe;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.etcd.EtcdSnapshots;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// What the control plane starts for tenants, without anything being started. etcds outlive whoever started them, as
/// processes do; API servers and attachments do not. Thread-safe.
final class Provisioning implements Stores, Clusters, Attachments {

    private final Set<Path> processes;
    private final Consumer<String> before;
    private final Set<String> servers = ConcurrentHashMap.newKeySet();
    private final Set<String> withControllers = ConcurrentHashMap.newKeySet();
    private final Map<String, String> attached = new ConcurrentHashMap<>();
    private final Map<String, Runnable> entrances = new ConcurrentHashMap<>();
    private final Set<String> released = ConcurrentHashMap.newKeySet();
    private final Map<String, RuntimeException> failures = new ConcurrentHashMap<>();

    private final Map<String, List<KindState>> kinds = new ConcurrentHashMap<>();
    private final Map<String, SyncedKinds> synced = new ConcurrentHashMap<>();
    private final Map<String, Integer> shares = new ConcurrentHashMap<>();

    private final AtomicInteger notReady = new AtomicInteger();
    /// Those of every tenant, by their names.
    final Map<String, ObjectNode> pods = new ConcurrentHashMap<>();
    /// Whether an eviction is taken.
    volatile Predicate<ObjectNode> evict = _ -> false;
    private final Map<OwnedObject, JsonNode> has = new ConcurrentHashMap<>();
    private final Set<OwnedObject> asked = ConcurrentHashMap.newKeySet();

    /// @param processes etcds that run, by the folders of their data
    /// @param before hears of all that is about to be done, and may keep it from being done
    Provisioning(Set<Path> processes, Consumer<String> before) {
        this.processes = processes;
        this.before = before;
    }

    TenantRuntime.Settings settings(Path folder) {
        var home = new Home(folder);
        var state = HomeState.open(home);
        var listening = Listening.loopback();
        return new TenantRuntime.Settings(
                home,
                state,
                new Ports(state, listening),
                this,
                1 << 20,
                this,
                listening,
                OutgoingRules.NONE,
                new BackupFolder(home.backups()),
                KeySafe.PLAIN,
                Clock.systemUTC());
    }

    /// From now on `what` (`etcd acme`, `server acme`, `attach acme`) fails so.
    void fail(String what, RuntimeException with) {
        failures.put(what, with);
    }

    void heal(String what) {
        failures.remove(what);
    }

    /// So often API servers say that they are not ready yet.
    void beReadyAfter(int questions) {
        notReady.set(questions);
    }

    Set<String> servers() {
        return Set.copyOf(servers);
    }

    /// Those of the servers that have controllers of ours.
    Set<String> withControllers() {
        return Set.copyOf(withControllers);
    }

    /// With the kubeconfigs that they were attached by.
    Map<String, String> attached() {
        return Map.copyOf(attached);
    }

    /// The custom kinds that it was attached with last.
    int share(String tenant) {
        return shares.getOrDefault(tenant, 0);
    }

    SyncedKinds synced(String tenant) {
        return synced.getOrDefault(tenant, SyncedKinds.NONE);
    }

    /// From now on the syncer says this of a tenant's custom kinds.
    void say(String tenant, KindState... states) {
        kinds.put(tenant, List.of(states));
    }

    /// From now on its cluster says that it has this object.
    void has(OwnedObject owned, JsonNode object) {
        has.put(owned, object);
    }

    void hasNoMore(OwnedObject owned) {
        has.remove(owned);
    }

    /// Which objects clusters were asked for.
    Set<OwnedObject> asked() {
        return Set.copyOf(asked);
    }

    Set<String> released() {
        return Set.copyOf(released);
    }

    @Override
    public RunningStore start(StorePlan plan) {
        about("etcd " + plan.cluster());
        processes.add(plan.folder());
        AtomicFiles.folder(plan.folder().resolve("data").resolve("member"));
        return new RunningStore() {
            @Override
            public boolean isReady() {
                return processes.contains(plan.folder());
            }

            @Override
            public void probe() {
                // it always answers
            }

            @Override
            public EtcdSnapshots snapshots() {
                throw new UnsupportedOperationException("there is no etcd");
            }

            @Override
            public Storage open() {
                return new InMemoryStorage();
            }

            @Override
            public void close() {
                processes.remove(plan.folder());
            }
        };
    }

    @Override
    public void restore(Path snapshot, Path data) {
        AtomicFiles.write(data.resolve("member").resolve("of"), "the backup");
    }

    @Override
    public boolean isRunning(Path folder) {
        return processes.contains(folder);
    }

    @Override
    public void end(Path folder) {
        about("end " + folder.resolveSibling("").getFileName());
        processes.remove(folder);
    }

    /// A client of a tenant arrives.
    void request(String tenant) {
        Optional.ofNullable(entrances.get(tenant))
                .orElseThrow(() -> new IllegalStateException("connection refused"))
                .run();
    }

    @Override
    public AutoCloseable openFrontDoor(FrontDoorPlan plan, String listenAddress, AuditSink strangers) {
        throw new UnsupportedOperationException("no tenant is reached here");
    }

    @Override
    public Entrance open(EntrancePlan plan) {
        entrances.put(plan.name(), plan.knock());
        return new Entrance() {
            @Override
            public RunningCluster start(ClusterPlan cluster) {
                return startServer(cluster);
            }

            @Override
            public void endRevoked() {
                // nobody is connected
            }

            @Override
            public void keysChanged() {
                about("entrance's keys " + plan.name());
            }

            @Override
            public Optional<Duration> unusedFor() {
                return Optional.empty();
            }

            @Override
            public void close() {
                entrances.remove(plan.name());
            }
        };
    }

    private RunningCluster startServer(ClusterPlan plan) {
        about("server " + plan.name());
        servers.add(plan.name());
        return new RunningCluster() {
            @Override
            public boolean isReady() {
                return notReady.getAndUpdate(left -> Math.max(0, left - 1)) == 0;
            }

            @Override
            public void runControllers(boolean ours) {
                if (ours) {
                    withControllers.add(plan.name());
                } else {
                    withControllers.remove(plan.name());
                }
            }

            @Override
            public void keysChanged() {
                about("server's keys " + plan.name());
            }

            @Override
            public Optional<String> readOnlyBecause() {
                return Optional.empty();
            }

            @Override
            public List<ObjectNode> pods() {
                return List.copyOf(pods.values());
            }

            @Override
            public boolean evict(ObjectNode pod) {
                return evict.test(pod);
            }

            @Override
            public Said ask(OwnedObject owned) {
                asked.add(owned);
                var object = has.get(owned);
                return object == null ? new Said.Gone() : new Said.There(object);
            }

            @Override
            public void probe() {
                // it always answers
            }

            @Override
            public void close() {
                servers.remove(plan.name());
            }
        };
    }

    @Override
    public void attach(
            String tenant,
            Supplier<IssuedKubeconfig> kubeconfig,
            ProfileSource profile,
            boolean isRestored,
            SyncedKinds kinds) {
        about("attach " + tenant);
        synced.put(tenant, kinds);
        attached.computeIfAbsent(tenant, _ -> kubeconfig.get().yaml());
    }

    @Override
    public void weigh(String tenant, int share) {
        shares.put(tenant, share);
    }

    @Override
    public List<KindState> kinds(String tenant) {
        return kinds.getOrDefault(tenant, List.of());
    }

    @Override
    public Optional<Trouble> trouble(String tenant) {
        return Optional.empty();
    }

    @Override
    public Optional<String> warning() {
        return Optional.empty();
    }

    @Override
    public void release(String tenant) {
        about("release " + tenant);
        released.add(tenant);
    }

    @Override
    public void detach(String tenant) {
        attached.remove(tenant);
    }

    @Override
    public void close() {
        attached.clear();
    }

    private void about(String what) {
        before.accept(what);
        RuntimeException failure = failures.get(what);
        if (failure != null) {
            throw failure;
        }
    }
}
