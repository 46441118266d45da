package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.nodes.NodeBackEnds;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.pki.TlsContexts;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.tenant.Clusters.ClusterPlan;
import io.insula.controlplane.tenant.Clusters.OwnedObject;
import io.insula.controlplane.tenant.Clusters.Role;
import io.insula.controlplane.tenant.Clusters.RunningCluster;
import io.insula.controlplane.tenant.Clusters.Said;
import io.insula.controlplane.tenant.OutgoingRules;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.controlplane.tenant.ProfileSource.Profile;
import io.insula.controlplane.tenant.Stores.RunningStore;
import io.insula.controlplane.tenant.Stores.StorePlan;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// API servers as production starts them, each on an etcd of its own.
final class InProcessClustersTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String ESTABLISHED = "01";

    private final ApplicationContext beans = ApplicationContext.run();
    private final InProcessClusters clusters = beans.getBean(InProcessClusters.class);
    private final ConcurrentLinkedQueue<ObjectNode> audited = new ConcurrentLinkedQueue<>();
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    @TempDir
    private Path folder;

    private Ports ports;
    private ClusterPki pki;
    private StorePlan store;
    private RunningStore etcd;
    private int port;

    @BeforeEach
    void startEtcd() throws IOException {
        ports = new Ports(HomeState.open(new Home(folder)), Listening.loopback());
        pki = ClusterPki.open(folder.resolve("pki"), "test", List.of(), Clock.systemUTC());
        store = new StorePlan(
                "test",
                Files.createDirectories(folder.resolve("etcd")),
                pki,
                ports.choose("client"),
                ports.choose("peer"),
                folder.resolve("etcd.log"),
                EtcdProcess.QUOTA_BYTES);
        etcd = new EtcdChildren().start(store);
        port = ports.choose("api");
    }

    @AfterEach
    void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        beans.close();
        etcd.close();
    }

    @Test
    void runsAHostWithASchedulerAndNodes() {
        RunningCluster host = start(host());
        KubernetesClient admin = client("admin", ClusterPki.MASTERS);

        await("its controllers run", host::isReady);
        assertThat(host.readOnlyBecause()).isEmpty();
        host.probe();
        assertThat(connections(store.clientPort())).isPositive();
        admin.resource(pod(false)).create();
        await(
                "the pod runs",
                () -> "Running"
                        .equals(admin.pods()
                                .inNamespace("default")
                                .withName("web")
                                .get()
                                .getStatus()
                                .getPhase()));
        assertThat(admin.nodes().list().getItems())
                .extracting(node -> node.getMetadata().getName())
                .hasSize(4);
        assertThat(audited)
                .as("its audit events go where the plan says")
                .anySatisfy(
                        event -> assertThat(event.path("objectRef").path("name").asText())
                                .isEqualTo("web"));
    }

    /// It has the host's addresses and nodes, and its pods must fit its profiles.
    @Test
    void runsAGuestThatIsBoundToItsProfilesAndItsHost() {
        ProfileSource only = () -> new ProfileSource.Choice(new Profile("runc", Map.of("sandbox", "runc")), List.of());
        try (var host = new TestCluster(
                "host", folder.resolve("host"), beans.getBean(ServerComponents.class), builder -> builder)) {
            assertThatThrownBy(() -> start(new Role.Guest(only, host.client())))
                    .as("before its namespace is there")
                    .hasMessageContaining("the shared cluster gives no address now");
            await("nothing of it asks etcd any more", () -> connections(store.clientPort()) == 0);
            String namespace = new TenantId("test").hostNamespace();
            host.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(namespace)
                            .endMetadata()
                            .build())
                    .create();

            RunningCluster guest = start(new Role.Guest(only, host.client()));
            KubernetesClient admin = client("admin", ClusterPki.MASTERS);
            assertThat(guest.isReady()).as("nobody works in it yet").isFalse();
            guest.runControllers(true);
            await("its controllers run", guest::isReady);
            assertThat(admin.leases()
                            .inNamespace("kube-system")
                            .withName("kube-controller-manager")
                            .get()
                            .getSpec()
                            .getHolderIdentity())
                    .isEqualTo("insula");

            assertThatThrownBy(() -> admin.resource(pod(true)).create())
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403))
                    .hasMessageContaining("is not an isolation profile of this cluster (it has: runc)");
            admin.resource(pod(false)).create();
            assertThat(admin.nodes().list().getItems())
                    .as("only what is synced")
                    .isEmpty();
            var service = new ServiceBuilder()
                    .withNewMetadata()
                    .withName("web")
                    .withNamespace("default")
                    .endMetadata()
                    .withNewSpec()
                    .addNewPort()
                    .withPort(80)
                    .endPort()
                    .endSpec()
                    .build();
            String address = admin.resource(service).create().getSpec().getClusterIP();
            assertThat(host.client().services().inNamespace(namespace).list().getItems())
                    .extracting(each -> each.getSpec().getClusterIP())
                    .contains(address);
        }
    }

    @Test
    void letsInOnlyWhomItsOwnAuthorityKnows() throws Exception {
        start(host());
        ClusterPki other = ClusterPki.open(folder.resolve("other"), "test", List.of(), Clock.systemUTC());
        var forged = new Kubeconfig(
                "test",
                "https://127.0.0.1:" + port,
                pki.authority().certificatePem(),
                "admin",
                other.issueUser("admin", List.of(ClusterPki.MASTERS), Duration.ofDays(1)));
        KubernetesClient stranger = client(Config.fromKubeconfig(forged.toYaml()));

        assertThatThrownBy(() -> stranger.namespaces().list()).isInstanceOf(KubernetesClientException.class);
        assertThatThrownBy(() -> client("bob", "developers").namespaces().list())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));

        KubernetesClient admin = client("admin", ClusterPki.MASTERS);
        String address = admin.services()
                .inNamespace("default")
                .withName("kubernetes")
                .get()
                .getSpec()
                .getClusterIP();
        assertThat(certificate().getSubjectAlternativeNames())
                .as("pods dial it there")
                .anySatisfy(name -> assertThat(name.get(1)).isEqualTo(address));
        assertThat(admin.configMaps()
                        .inNamespace("kube-system")
                        .withName("extension-apiserver-authentication")
                        .get()
                        .getData())
                .as("what aggregated servers trust")
                .containsEntry("client-ca-file", pki.authority().certificatePem())
                .containsEntry(
                        "requestheader-client-ca-file",
                        pki.frontProxyAuthority().certificatePem());
    }

    @Test
    void keepsWhatWasAcknowledgedOverAStop() throws Exception {
        RunningCluster first = start(host());
        client("admin", ClusterPki.MASTERS)
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("kept")
                        .withNamespace("default")
                        .endMetadata()
                        .build())
                .create();

        first.close();

        assertThat(first.isReady()).isFalse();
        assertThat(ports.isFree(port)).isTrue();
        await("nothing of it asks etcd any more", () -> connections(store.clientPort()) == 0);

        start(host());
        assertThat(client("admin", ClusterPki.MASTERS)
                        .configMaps()
                        .inNamespace("default")
                        .withName("kept")
                        .get())
                .isNotNull();
    }

    @Test
    void leavesNothingRunningWhereAStartFails() throws Exception {
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> start(host())).hasStackTraceContaining("Address already in use");
        }

        await("nothing of it asks etcd any more", () -> connections(store.clientPort()) == 0);
        await("the next one runs", start(host())::isReady);
    }

    @Test
    void seesInAProbeThatItsStoreWasLostAndTakesThatForNoEnd() throws Exception {
        RunningCluster host = start(host());
        var kept = claim();
        assertThat(ended(host, kept)).isFalse();
        assertThat(ended(host, new OwnedObject(kept.cluster(), CLAIMS, "default", "data", "earlier")))
                .as("an earlier one of that name")
                .isTrue();
        assertThat(ended(host, new OwnedObject(kept.cluster(), CLAIMS, "default", "other", kept.uid())))
                .isTrue();
        assertThat(ended(host, new OwnedObject("another", CLAIMS, "default", "other", "u")))
                .as("of another cluster")
                .isFalse();
        assertThat(ended(host, new OwnedObject("", CLAIMS, "default", "other", "u")))
                .isFalse();
        assertThat(ended(host, new OwnedObject(kept.cluster(), CLAIMS, "default", "other", "")))
                .isFalse();

        etcd.close();
        assertThatThrownBy(host::probe).as("none answers").isInstanceOf(RuntimeException.class);

        AtomicFiles.deleteTree(store.folder().resolve("data"));
        etcd = new EtcdChildren().start(store);
        await("an empty one answers", () -> {
            try {
                host.probe();
                return false;
            } catch (IllegalStateException e) {
                return String.valueOf(e.getMessage()).contains("is not in the store any more");
            } catch (RuntimeException e) {
                return false;
            }
        });
        assertThat(isEnded(host, kept)).as("by a store that was emptied").isFalse();
    }

    private static final GroupVersionResource CLAIMS = new GroupVersionResource("", "v1", "persistentvolumeclaims");

    private static boolean ended(RunningCluster cluster, OwnedObject owned) {
        return cluster.ask(owned).hasEnded(owned);
    }

    /// Where a definition is gone nobody knows what there is of its kind.
    @Test
    void saysNothingOfAKindThatItDoesNotServe() throws Exception {
        RunningCluster host = start(host());
        var kept = claim();
        var snapshot = new OwnedObject(
                kept.cluster(),
                new GroupVersionResource("snapshot.storage.k8s.io", "v1", "volumesnapshots"),
                "default",
                "s",
                "u");

        assertThat(host.ask(snapshot)).isEqualTo(new Said.Nothing());
        assertThat(host.ask(kept)).isInstanceOf(Said.There.class);
    }

    private static boolean isEnded(RunningCluster cluster, OwnedObject claim) {
        try {
            return ended(cluster, claim);
        } catch (RuntimeException e) {
            // says nothing
            return false;
        }
    }

    /// One that is there.
    private OwnedObject claim() throws Exception {
        var admin = client("admin", ClusterPki.MASTERS);
        var made = admin.resource(new PersistentVolumeClaimBuilder()
                        .withNewMetadata()
                        .withName("data")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withAccessModes("ReadWriteOnce")
                        .withNewResources()
                        .withRequests(Map.of("storage", new Quantity("1Gi")))
                        .endResources()
                        .endSpec()
                        .build())
                .create();
        return new OwnedObject(
                admin.namespaces().withName("kube-system").get().getMetadata().getUid(),
                CLAIMS,
                "default",
                "data",
                made.getMetadata().getUid());
    }

    private Role host() {
        return new Role.Host(
                beans.getBean(NodeBackEnds.class).choose("simulated").controllers());
    }

    private RunningCluster start(Role role) {
        RunningCluster cluster = clusters.start(new ClusterPlan(
                "test",
                role,
                folder.resolve("api"),
                pki,
                store.clientPort(),
                store.quotaBytes(),
                "127.0.0.1",
                port,
                _ -> false,
                () -> AuthenticationConfig.NONE,
                () -> false,
                OutgoingRules.NONE,
                audited::add));
        open.push(cluster);
        return cluster;
    }

    private KubernetesClient client(String user, String group) {
        var kubeconfig = new Kubeconfig(
                "test",
                "https://127.0.0.1:" + port,
                pki.authority().certificatePem(),
                user,
                pki.issueUser(user, List.of(group), Duration.ofDays(1)));
        return client(Config.fromKubeconfig(kubeconfig.toYaml()));
    }

    private KubernetesClient client(Config config) {
        KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build();
        open.push(client);
        return client;
    }

    private X509Certificate certificate() throws Exception {
        var context = TlsContexts.client(
                pki.issueUser("admin", List.of(), Duration.ofDays(1)),
                pki.authority().own().certificate());
        try (var socket = (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.startHandshake();
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /// Of this JVM to that port of loopback.
    private static long connections(int port) {
        try (Stream<Path> own = Files.list(Path.of("/proc/self/fd"));
                Stream<String> four = Files.lines(Path.of("/proc/net/tcp"));
                Stream<String> six = Files.lines(Path.of("/proc/net/tcp6"))) {
            Set<String> sockets = own.map(InProcessClustersTest::target)
                    .flatMap(Optional::stream)
                    .collect(Collectors.toSet());
            return Stream.concat(four, six)
                    .map(line -> line.strip().split("\\s+", -1))
                    .filter(field -> field[2].endsWith(":%04X".formatted(port))
                            && field[3].equals(ESTABLISHED)
                            && sockets.contains("socket:[" + field[9] + "]"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Empty where it has been closed meanwhile.
    private static Optional<String> target(Path descriptor) {
        try {
            return Optional.of(Files.readSymbolicLink(descriptor).toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Pod pod(boolean strange) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("default")
                .withLabels(strange ? Map.of("insula.io/isolation-profile", "privileged") : Map.of())
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("nginx")
                .endContainer()
                .endSpec()
                .build();
    }

    private static void await(String what, BooleanSupplier reached) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!reached.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
