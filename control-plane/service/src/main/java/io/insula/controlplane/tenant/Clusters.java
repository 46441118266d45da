package io.insula.controlplane.tenant;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.syncer.engine.Shortcut;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.insula.tenantapi.controllers.ControllerFactory;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Starts API servers. A port: what runs behind it (in this JVM, or elsewhere) is the provisioner's business.
public interface Clusters {

    /// Opens the port that tenants share; those whose entrances are opened later are reached there, too.
    ///
    /// @param listenAddress an IP address
    /// @param strangers gets what is asked there and reaches no cluster
    /// @return closes it
    /// @throws IllegalStateException when the port is taken
    AutoCloseable openFrontDoor(FrontDoorPlan plan, String listenAddress, AuditSink strangers);

    /// How our own clients reach those that run in this process.
    default Shortcut shortcut() {
        return Shortcut.NONE;
    }

    /// Listens where the clients of one cluster arrive, from now on and whether it runs or not.
    ///
    /// @throws IllegalStateException when the port is taken
    Entrance open(EntrancePlan plan);

    /// Starts the API server of one cluster with its controllers, at an entrance that ends with it; returns when it
    /// answers.
    default RunningCluster start(ClusterPlan plan) {
        Entrance entrance = open(new EntrancePlan(
                plan.name(), plan.pki(), plan.listenAddress(), plan.port(), plan.revoked(), false, () -> {}));
        try {
            return new AtItsOwnEntrance(entrance, entrance.start(plan));
        } catch (RuntimeException e) {
            entrance.close();
            throw e;
        }
    }

    /// @param listenAddress an IP address
    /// @param revoked whether a client certificate is taken no more; answers from memory
    /// @param atFrontDoor whether it is reached at the shared port, too, where there is one
    /// @param knock called for each request that arrives while nothing runs behind the entrance, but for the
    ///     syncer's; must not block
    record EntrancePlan(
            String name,
            ClusterPki pki,
            String listenAddress,
            int port,
            Predicate<X509Certificate> revoked,
            boolean atFrontDoor,
            Runnable knock) {}

    /// Where the clients of one cluster arrive. What is asked for while nothing runs behind it is held until something
    /// does, and then answered as if it had always run; after a minute of waiting it is answered with 503. The
    /// syncer is not waited for. Thread-safe.
    interface Entrance extends AutoCloseable {

        /// Starts the API server of the cluster with its controllers behind this entrance; returns when it answers.
        /// Closing it leaves the entrance open. One at a time.
        RunningCluster start(ClusterPlan plan);

        /// Ends whatever goes on for a client whose certificate is taken no more: watches, followed logs, shells. To be
        /// called after one has been revoked.
        void endRevoked();

        /// From now on new connections go by the authorities that the plan's `pki` has now, and what goes on for those
        /// whose certificates or tokens are taken no more ends. To be called after a key of it has changed.
        void keysChanged();

        /// How long ago the last request of somebody with credentials ended, counted from the start of what runs
        /// behind it at the earliest; nothing while one is open. The syncer is nobody here.
        Optional<Duration> unusedFor();

        /// Listens no more; what is held gets its 503.
        @Override
        void close();
    }

    /// A cluster whose entrance ends with it.
    record AtItsOwnEntrance(Entrance entrance, RunningCluster running) implements RunningCluster {
        @Override
        public boolean isReady() {
            return running.isReady();
        }

        @Override
        public Optional<String> readOnlyBecause() {
            return running.readOnlyBecause();
        }

        @Override
        public void probe() {
            running.probe();
        }

        @Override
        public Said ask(OwnedObject owned) {
            return running.ask(owned);
        }

        @Override
        public List<ObjectNode> pods() {
            return running.pods();
        }

        @Override
        public boolean evict(ObjectNode pod) {
            return running.evict(pod);
        }

        @Override
        public void runControllers(boolean ours) {
            running.runControllers(ours);
        }

        @Override
        public void keysChanged() {
            entrance.keysChanged();
            running.keysChanged();
        }

        @Override
        public void close() {
            entrance.close();
            running.close();
        }
    }

    /// A running API server with its controllers.
    interface RunningCluster extends AutoCloseable {

        /// Whether it answers, and its controllers run, ours or those that are to run instead.
        boolean isReady();

        /// Has its own controllers run where no others do, or none, for others to do their work. Idempotent;
        /// until it is called a tenant's cluster has none.
        void runControllers(boolean ours);

        /// Tells the cluster what its users are to trust, and has its own controllers begin anew, by the keys that the
        /// plan's `pki` has now. Idempotent.
        ///
        /// @throws RuntimeException when the store does not answer
        void keysChanged();

        /// Why it takes no writes at present though it answers; empty where it does. From memory.
        Optional<String> readOnlyBecause();

        /// Reads something that is stored, past all caches; may take as long as the store's own deadline.
        ///
        /// @throws RuntimeException saying why it cannot
        void probe();

        /// What the cluster has of an object now, as far as its store knows.
        ///
        /// @throws RuntimeException when the store does not answer
        Said ask(OwnedObject owned);

        /// All its pods.
        ///
        /// @throws RuntimeException when the store does not answer
        List<ObjectNode> pods();

        /// Has a pod end as a drain of its node has it end: by an eviction, which its budgets may refuse.
        ///
        /// @return whether it was taken
        boolean evict(ObjectNode pod);

        /// Stops serving; what was acknowledged stays in etcd.
        @Override
        void close();
    }

    /// An object of a tenant's that something on the host was made for.
    ///
    /// @param cluster uid of its cluster's namespace kube-system
    /// @param resource what the tenant calls it
    record OwnedObject(String cluster, GroupVersionResource resource, String namespace, String name, String uid) {}

    /// What a cluster says of an object of its.
    sealed interface Said {

        /// Nothing: it is another cluster, does not run, or does not serve the kind.
        record Nothing() implements Said {}

        /// It has none of this name.
        record Gone() implements Said {}

        /// It has this one.
        record There(JsonNode object) implements Said {
            String uid() {
                return object.path("metadata").path("uid").asText("");
            }
        }

        /// Whether the very object is no more there.
        default boolean hasEnded(OwnedObject owned) {
            return switch (this) {
                case Nothing() -> false;
                case Gone() -> !owned.uid().isEmpty();
                case There there -> !owned.uid().isEmpty() && !there.uid().equals(owned.uid());
            };
        }
    }

    /// @param name the tenant's, or `host`
    /// @param folder for whatever the server keeps on disk
    /// @param etcdPort on loopback, TLS with the client certificate of `pki`
    /// @param storeBytes what that etcd may store
    /// @param listenAddress an IP address
    /// @param revoked whether a client certificate is taken no more; asked on every request, answers from memory
    /// @param authentication further issuers of tokens; asked on every request, answers from memory
    /// @param suspended whether nobody may write but the syncer; asked on every request, answers from memory
    /// @param outgoing where it may dial for its users
    record ClusterPlan(
            String name,
            Role role,
            Path folder,
            ClusterPki pki,
            int etcdPort,
            long storeBytes,
            String listenAddress,
            int port,
            Predicate<X509Certificate> revoked,
            Supplier<AuthenticationConfig> authentication,
            BooleanSupplier suspended,
            OutgoingRules outgoing,
            AuditSink audit) {}

    /// What the cluster is for.
    sealed interface Role {
        /// The shared host: with a scheduler.
        ///
        /// @param nodes what works for its nodes in its controllers' manager
        record Host(List<ControllerFactory> nodes) implements Role {
            public Host {
                nodes = List.copyOf(nodes);
            }
        }

        /// A tenant, whose pods must fit its profiles and whose Services have the host's addresses.
        ///
        /// @param profiles read anew whenever pods are admitted
        /// @param host a client of the host; stays the caller's
        /// @param kinds custom kinds that the syncer has to do with now
        record Guest(ProfileSource profiles, KubernetesClient host, Supplier<SyncedKinds> kinds) implements Role {
            public Guest(ProfileSource profiles, KubernetesClient host) {
                this(profiles, host, () -> SyncedKinds.NONE);
            }
        }
    }
}
