package io.insula.controlplane.cluster;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.controlplane.home.FrontDoorPlan;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyAndCertificate;
import io.insula.controlplane.pki.KeyRing;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.tenant.Clusters;
import io.insula.host.nodes.NodeMetrics;
import io.insula.host.nodes.NodeStreams;
import io.insula.host.scheduler.Scheduler;
import io.insula.host.simulation.SimulatedLogs;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.Shortcut;
import io.insula.syncer.engine.Syncer;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.aggregation.ProxyIdentity;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.audit.AuditSink;
import io.insula.tenantapi.auth.ReservedNames;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.ControllerExecutors;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerManager;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.controllers.node.NodeHealth;
import io.insula.tenantapi.egress.EgressPolicy;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpServer;
import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.rbac.StandingRights;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.etcd.EtcdCompactor;
import io.insula.tenantapi.storage.etcd.EtcdSpace;
import io.insula.tenantapi.storage.etcd.EtcdStorage;
import io.insula.tenantapi.usage.MetricsKinds;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.security.KeyPair;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// Runs API servers with their controllers in this JVM. Thread-safe.
@Singleton
final class InProcessClusters implements Clusters {

    /// Source: kubernetes/apiserver, `DefaultCompactInterval`.
    private static final Duration COMPACTION = Duration.ofMinutes(5);

    /// How often the way out is looked for where etcd is out of space.
    private static final Duration SPACE = Duration.ofSeconds(2);

    private static final String ALWAYS_THERE = "/registry/namespaces/kube-system";
    private static final Duration DRAIN = Duration.ofSeconds(2);
    private static final Duration QUIET = Duration.ofMillis(1);
    private static final int EVENT_LOOPS = 2;

    private final ServerComponents components;
    private final ControllerManagers managers;
    private final Profiles profiles;
    private final StandingRights syncer;
    private final NearServers near;
    private final Clock clock = Clock.systemUTC();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EVENT_LOOPS, NioIoHandler.newFactory());
    private final ExecutorService work = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("insula-controllers-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("insula-cluster-timer").daemon(true).factory());
    private volatile @Nullable FrontDoor frontDoor;

    InProcessClusters(
            ServerComponents components,
            ControllerManagers managers,
            Profiles profiles,
            List<Syncer<?>> syncers,
            NearServers near) {
        this.near = near;
        this.components = components;
        this.managers = managers;
        this.profiles = profiles;
        this.syncer = SyncerRights.of(syncers);
    }

    @Override
    public Entrance open(EntrancePlan plan) {
        var switchboard = new Switchboard(
                plan.knock(),
                SyncerRights::isHeldBy,
                new Refusals(plan.pki(), plan.revoked()),
                this::unserved,
                Switchboard.PATIENCE,
                Switchboard.MOST_HELD);
        var at = new HttpServerConfig(
                plan.listenAddress(),
                plan.port(),
                ServingTrust.tls(plan.pki(), plan.pki().server()),
                DRAIN);
        HttpServer http = HttpServer.start(at, loops, switchboard);
        FrontDoor shared = frontDoor;
        return new Doorway(
                plan.pki(),
                switchboard,
                http,
                near.add(plan.listenAddress(), http),
                shared == null || !plan.atFrontDoor()
                        ? Optional.empty()
                        : Optional.of(shared.admit(plan.name(), plan.pki(), switchboard)));
    }

    @Override
    public Shortcut shortcut() {
        return near;
    }

    @Override
    public AutoCloseable openFrontDoor(FrontDoorPlan plan, String listenAddress, AuditSink strangers) {
        var opened = new FrontDoor(plan, listenAddress, loops, DRAIN, new StrangerTrail(strangers, clock), clock);
        frontDoor = opened;
        return opened;
    }

    /// By a tenant's own port only its users and those who know the port come.
    private void unserved(HttpRefusal refusal) {
        FrontDoor shared = frontDoor;
        if (shared != null) {
            shared.trail().record(refusal);
        }
    }

    /// A port with what is behind it, or nothing.
    private final class Doorway implements Entrance {
        private final ClusterPki pki;
        private final Switchboard switchboard;
        private final HttpServer http;
        private final Runnable shortcut;
        private final Optional<FrontDoor.Guest> guest;

        Doorway(
                ClusterPki pki,
                Switchboard switchboard,
                HttpServer http,
                Runnable shortcut,
                Optional<FrontDoor.Guest> guest) {
            this.pki = pki;
            this.switchboard = switchboard;
            this.http = http;
            this.shortcut = shortcut;
            this.guest = guest;
        }

        @Override
        public RunningCluster start(ClusterPlan plan) {
            var parts = new ArrayDeque<AutoCloseable>();
            try {
                return InProcessClusters.this.start(plan, this, parts);
            } catch (RuntimeException e) {
                closeAll(parts);
                throw e;
            }
        }

        /// Its certificate names where pods dial it, which is known only now.
        AutoCloseable lead(String serviceAddress, HttpHandler server) {
            if (!serviceAddress.isEmpty()) {
                pki.answerAt(serviceAddress);
            }
            showKeys();
            switchboard.serve(server);
            return () -> switchboard.hold(this::endStreams, DRAIN);
        }

        /// To new connections.
        private void showKeys() {
            http.updateTls(ServingTrust.tls(pki, pki.server()));
            guest.ifPresent(shown -> shown.renew(pki));
        }

        private void endStreams() {
            http.endStreams();
            guest.ifPresent(FrontDoor.Guest::endStreams);
        }

        @Override
        public void endRevoked() {
            switchboard.endRefused();
        }

        @Override
        public void keysChanged() {
            showKeys();
            switchboard.endRefused();
        }

        @Override
        public Optional<Duration> unusedFor() {
            return switchboard.unusedFor();
        }

        @Override
        public void close() {
            switchboard.close();
            guest.ifPresent(FrontDoor.Guest::close);
            shortcut.run();
            http.close();
        }
    }

    @PreDestroy
    void stop() {
        work.shutdown();
        timer.shutdownNow();
        // not zero: a connection that is taken while all are closed would stay open, and nobody would read it
        loops.shutdownGracefully(QUIET.toMillis(), DRAIN.toMillis(), TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(DRAIN.toMillis() * 2);
    }

    private RunningCluster start(ClusterPlan plan, Doorway entrance, Deque<AutoCloseable> parts) {
        var etcd = new EtcdStorage(EtcdProcess.access(plan.pki(), plan.etcdPort()));
        parts.push(etcd);
        parts.push(EtcdCompactor.start(etcd, timer, COMPACTION));
        parts.push(EtcdSpace.start(etcd, timer, SPACE, plan.storeBytes()));
        var self = new AtomicReference<TenantApiServer>();
        Supplier<ObjectClient> own = () -> Objects.requireNonNull(self.get()).client();
        var controllers = new AtomicReference<@Nullable ClusterControllers>();
        var beside = Components.of(plan.role(), controllers::get);
        var server = new TenantApiServer(
                components, serverConfig(plan, etcd, own).components(beside).build());
        self.set(server);
        parts.push(server);
        server.start();
        ClusterAdmins.bindOnce(server.client(), plan.folder());
        if (plan.role() instanceof Role.Host) {
            NodeClients.bind(server.client());
        }
        parts.push(entrance.lead(serviceAddress(server), server.handler()));
        var manager = new ClusterControllers(
                () -> startControllers(plan, server),
                lease(plan.role(), server.client()),
                work,
                timer,
                new NodeLeases(server.client(), clock)::beat);
        parts.push(manager);
        controllers.set(manager);
        if (plan.role() instanceof Role.Host) {
            manager.run(true);
        }
        return new Running(parts, manager, server, etcd);
    }

    private ControllerManager startControllers(ClusterPlan plan, TenantApiServer server) {
        return managers.start(
                server.client(),
                new ControllerExecutors(work, timer),
                clock,
                new ClusterFacts(
                        plan.pki().trustPem(),
                        new AuthoritySigner(plan.pki().authority().own(), clock),
                        ClusterFacts.SecretTokens.of(server.serviceAccountTokens())),
                server.loopMetrics(),
                extraControllers(plan.role()));
    }

    /// The host's controllers are its scheduler and its nodes, too: nobody else can do their work.
    private ControllersLease lease(Role role, ObjectClient client) {
        return switch (role) {
            case Role.Guest _ -> new LeaderLease(client, clock);
            case Role.Host _ -> ControllersLease.OURS;
        };
    }

    /// @param own the server's own client, once it is made
    private ServerConfig.Builder serverConfig(ClusterPlan plan, Storage storage, Supplier<ObjectClient> own) {
        ClusterPki pki = plan.pki();
        var builder = ServerConfig.builder(storage, () -> tokenKeys(pki))
                .reserved(new ReservedNames(ClusterPki.OWN))
                .auditSink(plan.audit())
                .extensionAuthentication(() -> ServingTrust.extensionAuthentication(pki))
                .revoked(new Refusals(pki, plan.revoked())::isRefused)
                .authentication(plan.authentication())
                .suspended(plan.suspended())
                .frontProxy(() -> {
                    KeyAndCertificate shown = pki.frontProxyClient();
                    return new ProxyIdentity(List.of(shown.certificate()), shown.key());
                })
                .clock(clock);
        switch (plan.role()) {
            case Role.Guest(var choice, var host, var kinds) -> {
                var names = new NameMap(new TenantId(plan.name()));
                builder.standing(syncer.and(SyncerRights.ofCustom(kinds)))
                        .plugins(List.of(
                                new OwnIdentities(),
                                new ProfileAdmission(profiles, choice),
                                new ServiceAdmission(),
                                new ShownAdmission(),
                                new TenantQuota(profiles, choice, clock)))
                        .clusterIps(client -> new HostClusterIps(names, host, client, clock))
                        .passThrough(new HostStreams(names, host, own))
                        .kinds(MetricsKinds.of(new HostMetrics(names, host, own)))
                        .runningPods(new HostPods(names, host))
                        .egress(EgressPolicy.CLOSED
                                .opening(plan.outgoing().opened())
                                .guarding(new HostBlocks(host, plan.outgoing().host(), System::nanoTime)));
                ReachableAddress.of(plan.listenAddress()).ifPresent(address -> builder.advertise(address, plan.port()));
            }
            case Role.Host _ -> {
                SSLContext nodes = pki.nodeTls();
                builder.passThrough(new NodeStreams(own, () -> nodes, new SimulatedLogs(own)))
                        .kinds(MetricsKinds.of(new NodeMetrics(own, () -> nodes, clock)))
                        .egress(EgressPolicy.CLOSED.opening(plan.outgoing().opened()));
            }
        }
        return builder;
    }

    /// While the key changes tokens of both are taken.
    private static ServiceAccountKeys tokenKeys(ClusterPki pki) {
        KeyRing.Keys<KeyPair> now = pki.serviceAccountKeys().now();
        return new ServiceAccountKeys(
                (ECPrivateKey) now.signing().getPrivate(),
                (ECPublicKey) now.signing().getPublic(),
                now.former().stream()
                        .map(each -> (ECPublicKey) each.getPublic())
                        .toList());
    }

    /// At which pods dial the server: its certificate must name it.
    private static String serviceAddress(TenantApiServer server) {
        return server.client()
                .get(new GroupVersionResource("", "v1", "services"), "default", "kubernetes")
                .map(service -> service.path("spec").path("clusterIP").asText(""))
                .orElse("");
    }

    private static List<ControllerFactory> extraControllers(Role role) {
        return switch (role) {
            case Role.Guest _ -> List.of();
            case Role.Host(var nodes) ->
                Stream.concat(Stream.of(Scheduler.factory(), NodeHealth.factory()), nodes.stream())
                        .toList();
        };
    }

    private static void closeAll(Deque<AutoCloseable> parts) {
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                org.slf4j.LoggerFactory.getLogger(InProcessClusters.class)
                        .atWarn()
                        .setCause(e)
                        .log("a part of an API server did not stop cleanly");
            }
        }
    }

    private record Running(
            Deque<AutoCloseable> parts, ClusterControllers controllers, TenantApiServer server, Storage store)
            implements RunningCluster {
        @Override
        public boolean isReady() {
            return !parts.isEmpty() && controllers.areSettled();
        }

        @Override
        public void runControllers(boolean ours) {
            controllers.run(ours);
        }

        @Override
        public void keysChanged() {
            server.tellOfItself();
            controllers.restart();
        }

        /// The bootstrap has written it; a store that answers without it has lost more than that.
        @Override
        public void probe() {
            if (store.get(ALWAYS_THERE).isEmpty()) {
                throw new IllegalStateException(ALWAYS_THERE + " is not in the store any more");
            }
        }

        @Override
        public Said ask(OwnedObject owned) {
            return OwnedQuestion.ask(owned, server.client());
        }

        @Override
        public List<ObjectNode> pods() {
            return server.client()
                    .list(PodPairs.PODS, "", ObjectClient.Query.ALL)
                    .items();
        }

        @Override
        public boolean evict(ObjectNode pod) {
            return Evictions.evict(pod, server.client());
        }

        @Override
        public Optional<String> readOnlyBecause() {
            return store.readOnlyBecause();
        }

        @Override
        public void close() {
            closeAll(parts);
        }
    }
}
