package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.host.scheduler.Scheduler;
import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.SyncTrouble;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Invariant 4, the other way round: what the host lost is no reason to delete anything in the tenant. The syncer has
/// the rights here that it is given, no more: they go with a namespace too.
@Tag("servers")
class HostLossTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final int PODS = 7;
    private static final String SETTINGS = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings, namespace: default}
            data: {greeting: hello}
            """;

    private final ApplicationContext beans = ApplicationContext.run();
    private Cluster host = unset();
    private Cluster acme = unset();
    private SyncEngine engine = unset();
    private Wire wire = unset();
    private KubernetesClient overTheWire = unset();

    @BeforeEach
    void start() throws Exception {
        var nodes = new ArrayList<ControllerFactory>(
                SimulatedNodes.controllers(List.of(NodePool.virtual(2)), Duration.ofMillis(20)));
        nodes.add(Scheduler.factory());
        host = new Cluster(beans, false, nodes);
        acme = new Cluster(beans, true, List.of());
        apply(host.client(), Files.readString(Path.of("../../deploy/rbac/syncer.yaml")));
        makeNamespace();
        wire = new Wire(java.net.URI.create(host.config().getMasterUrl()).getPort());
        overTheWire = new KubernetesClientBuilder()
                .withConfig(SyncEngine.hostConfig(new ConfigBuilder(host.config())
                        .withMasterUrl("https://127.0.0.1:" + wire.port())
                        .withImpersonateUsername(InsulaLabels.SYNCER)
                        .build()))
                .build();
        engine = newEngine();
        attach();
        apply(acme.client(), SETTINGS);
        IntStream.range(0, PODS).forEach(this::makePod);
        await("all pods run", () -> running(acme.client(), "default").size() == PODS);
        await("the namespace is known as the tenant's", this::isNoted);
    }

    @AfterEach
    void stop() throws Exception {
        engine.close();
        overTheWire.close();
        wire.close();
        acme.close();
        host.close();
        beans.close();
    }

    @Test
    void restoresWhatRanWhenTheHostNamespaceIsDeletedByHand() {
        Map<String, String> before = running(acme.client(), "default");
        Map<String, String> nodes = nodes();

        host.client().namespaces().withName(ACME.hostNamespace()).delete();
        await(
                "the namespace is gone",
                () -> host.client().namespaces().withName(ACME.hostNamespace()).get() == null);
        await("the tenant's trouble is told", () -> trouble().equals("HostNamespaceGone"));
        assertThat(pods()).isEqualTo(before);

        makeNamespace();
        await(
                "all pods run on the host again",
                () -> running(host.client(), ACME.hostNamespace()).size() == PODS);
        await("no trouble is left", () -> trouble().isEmpty());
        assertThat(pods()).as("the same pods as before").isEqualTo(before);
        assertThat(nodes()).as("on the same nodes").isEqualTo(nodes);
        assertThat(host.client()
                        .configMaps()
                        .inNamespace(ACME.hostNamespace())
                        .list()
                        .getItems())
                .anyMatch(map -> "hello".equals(map.getData().get("greeting")));

        evictsOneFromTheRestoredNamespace();
    }

    /// The service was down when the namespace went and was made again: nobody saw anything.
    @Test
    void restoresWhatRanAlsoWhenNobodySawTheNamespaceGo() {
        Map<String, String> before = running(acme.client(), "default");
        engine.detach(ACME);
        host.client().namespaces().withName(ACME.hostNamespace()).delete();
        await(
                "the namespace is gone",
                () -> host.client().namespaces().withName(ACME.hostNamespace()).get() == null);
        makeNamespace();

        attach();

        await(
                "all pods run on the host again",
                () -> running(host.client(), ACME.hostNamespace()).size() == PODS);
        assertThat(pods()).isEqualTo(before);
    }

    /// An emptied host answers that there is nothing; so does one that was set back to an older state.
    @Test
    void keepsThePodsThatWentUnseenUntilAPersonHasLooked() {
        Map<String, String> before = running(acme.client(), "default");
        // an engine that goes on would be told by late events: witnesses
        engine.close();
        host.client()
                .pods()
                .inNamespace(ACME.hostNamespace())
                .withGracePeriod(0)
                .delete();
        await(
                "the host has no pods",
                () -> host.client()
                        .pods()
                        .inNamespace(ACME.hostNamespace())
                        .list()
                        .getItems()
                        .isEmpty());

        engine = newEngine();
        attach();

        await("the breaker is open", () -> trouble().equals("TenantDeletesHeld"));
        assertThat(pods()).hasSizeGreaterThanOrEqualTo(before.size() - SyncSettings.DEFAULT.bulkFloor());
        long scans = engine.status(ACME).orElseThrow().scans();
        await("further scans", () -> engine.status(ACME).orElseThrow().scans() > scans + 2);
        assertThat(pods()).isNotEmpty();

        engine.release(ACME);
        await("what is gone is gone", () -> pods().isEmpty());
    }

    /// The host's API server is killed: what the tenant makes meanwhile runs when it is back. That it does not wait for
    /// the end of somebody's long pause is shown where time is ours: by `WatchedApiTest`, key by key.
    @Test
    void goesOnWhenTheHostAnswersAgain() throws Exception {
        wire.cut();
        makePod(PODS);
        await("the outage is told", () -> trouble().equals("HostNotAnswering"));
        assertThat(pods()).hasSize(PODS + 1);
        assertThat(running(acme.client(), "default")).hasSize(PODS);

        wire.mend();

        await("the new pod runs", () -> running(acme.client(), "default").size() == PODS + 1);
        await("no trouble is left", () -> trouble().isEmpty());
    }

    private void evictsOneFromTheRestoredNamespace() {
        host.client()
                .pods()
                .inNamespace(ACME.hostNamespace())
                .resource(host.client()
                        .pods()
                        .inNamespace(ACME.hostNamespace())
                        .list()
                        .getItems()
                        .getFirst())
                .withGracePeriod(0)
                .delete();
        await("an evicted pod ends in the tenant as ever", () -> pods().size() == PODS - 1);
    }

    private void makePod(int number) {
        apply(acme.client(), """
                apiVersion: v1
                kind: Pod
                metadata: {name: web-%d, namespace: default}
                spec:
                  terminationGracePeriodSeconds: 0
                  containers: [{name: c, image: nginx, envFrom: [{configMapRef: {name: settings}}]}]
                """.formatted(number));
    }

    /// As the control plane does, with the syncer's rights in it.
    private void makeNamespace() {
        apply(host.client(), """
                apiVersion: v1
                kind: Namespace
                metadata: {name: %1$s}
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: insula-syncer, namespace: %1$s}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: insula-syncer-tenant}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: insula-syncer}]
                """.formatted(ACME.hostNamespace()));
    }

    private SyncEngine newEngine() {
        return SyncEngine.start(
                overTheWire, Beans.syncers(), SyncSettings.DEFAULT.withScan(Duration.ofSeconds(1)), _ -> {});
    }

    /// Before, a namespace counts as new, and what it lacks is made again whatever became of it.
    private boolean isNoted() {
        var annotations = host.client()
                .namespaces()
                .withName(ACME.hostNamespace())
                .get()
                .getMetadata()
                .getAnnotations();
        return annotations != null && annotations.containsKey(InsulaLabels.CLUSTER_UID);
    }

    private void attach() {
        var profile = TenantProfiles.only(Beans.settings("runc"));
        engine.attach(new TenantAttachment(ACME, acme.config(), 1, () -> profile));
    }

    private String trouble() {
        return engine.status(ACME)
                .flatMap(status -> status.troubles().stream().findFirst())
                .map(SyncTrouble::reason)
                .orElse("");
    }

    private Map<String, String> pods() {
        return acme.client().pods().inNamespace("default").list().getItems().stream()
                .collect(Collectors.toMap(
                        pod -> pod.getMetadata().getName(),
                        pod -> pod.getMetadata().getUid()));
    }

    private Map<String, String> nodes() {
        return acme.client().pods().inNamespace("default").list().getItems().stream()
                .collect(Collectors.toMap(
                        pod -> pod.getMetadata().getName(),
                        pod -> pod.getStatus().getHostIP()));
    }

    private static Map<String, String> running(KubernetesClient client, String namespace) {
        return client.pods().inNamespace(namespace).list().getItems().stream()
                .filter(HostLossTest::isRunning)
                .collect(Collectors.toMap(
                        pod -> pod.getMetadata().getName(),
                        pod -> pod.getMetadata().getUid()));
    }

    private static boolean isRunning(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && Optional.ofNullable(pod.getStatus())
                        .filter(status -> "Running".equals(status.getPhase()) && status.getHostIP() != null)
                        .isPresent();
    }

    private static void apply(KubernetesClient client, String manifest) {
        client.load(new java.io.ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(item -> client.resource(item).create());
    }

    private static void await(String what, BooleanSupplier reached) {
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!reached.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    /// Set before every test.
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T unset() {
        return null;
    }
}
