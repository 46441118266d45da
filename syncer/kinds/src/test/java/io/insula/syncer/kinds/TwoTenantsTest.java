package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Sandbox;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncAudit.SyncWrite;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.scheduler.Scheduler;
import io.insula.tenantapi.simulation.NodePool;
import io.insula.tenantapi.simulation.SimulatedNodes;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The whole path over real API servers: two tenants and a host with simulated nodes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoTenantsTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId GLOBEX = new TenantId("globex");
    private static final String APP = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings, namespace: default}
            data: {greeting: "%s"}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: unused, namespace: default}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: default}
            spec: {selector: {app: web}, ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: default, labels: {app: web, insula.io/tenant: globex}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - {name: c, image: nginx, envFrom: [{configMapRef: {name: settings}}]}
            """;

    private static final String KATA_CLASS = """
            apiVersion: node.k8s.io/v1
            kind: RuntimeClass
            metadata: {name: kata}
            handler: kata
            overhead: {podFixed: {cpu: 250m, memory: 160Mi}}
            scheduling: {nodeSelector: {insula.io/node-pool: bare-metal}}
            """;
    private static final ProfileSettings KATA = ProfileSettings.fromSpec(
            "kata",
            Map.of("sandbox", "kata", "nodePool", Map.of("selector", Map.of("insula.io/node-pool", "bare-metal"))));

    private final ConcurrentLinkedQueue<SyncWrite> writes = new ConcurrentLinkedQueue<>();
    private final ApplicationContext beans = ApplicationContext.run();
    private Cluster host = unset();
    private Cluster acme = unset();
    private Cluster globex = unset();
    private SyncEngine engine = unset();

    @BeforeAll
    void start() throws Exception {
        var nodes = new ArrayList<ControllerFactory>(
                SimulatedNodes.controllers(List.of(NodePool.bareMetal(1), NodePool.virtual(1)), Duration.ofMillis(20)));
        nodes.add(Scheduler.factory());
        host = new Cluster(beans, false, nodes);
        acme = new Cluster(beans, true, List.of());
        globex = new Cluster(beans, true, List.of());
        for (var tenant : List.of(ACME, GLOBEX)) {
            apply(host.client(), "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + tenant.hostNamespace() + "}");
        }
        apply(host.client(), KATA_CLASS);
        engine = SyncEngine.start(
                host.client(), Syncers.builtIn(), SyncSettings.DEFAULT.withScan(Duration.ofSeconds(1)), writes::add);
        engine.attach(attachment(ACME, acme));
        engine.attach(attachment(GLOBEX, globex));
    }

    @AfterAll
    void stop() {
        engine.close();
        globex.close();
        acme.close();
        host.close();
        beans.close();
    }

    @Test
    void runsBothTenantsPodsOfOneNameAndKeepsThemThroughEveryLossOfATenant() throws Exception {
        apply(acme.client(), APP.formatted("hello"));
        apply(globex.client(), APP.formatted("salve"));

        await("acme's pod runs", () -> isRunning(acme));
        await("globex's pod runs", () -> isRunning(globex));
        var address = host.client()
                .services()
                .inNamespace(ACME.hostNamespace())
                .withName(new NameMap(ACME).hostName("Service", "default", "web"))
                .get()
                .getSpec()
                .getClusterIP();
        await(
                "acme sees the host's address",
                () -> address.equals(acme.client()
                        .services()
                        .inNamespace("default")
                        .withName("web")
                        .get()
                        .getSpec()
                        .getClusterIP()));
        assertThat(hostConfigMap(ACME, "settings")).contains("hello");
        assertThat(hostConfigMap(GLOBEX, "settings")).contains("salve");
        assertThat(hostConfigMap(ACME, "unused")).isEmpty();
        await(
                "acme sees the pod's node",
                () -> acme.client()
                                .nodes()
                                .withName(pod(acme).orElseThrow().getSpec().getNodeName())
                                .get()
                        != null);
        assertThat(writes).extracting(SyncWrite::verb).contains("patch", "create");

        assertThat(hostPod(ACME).orElseThrow().getSpec().getRuntimeClassName()).isEqualTo("kata");
        assertThat(hostPod(GLOBEX).orElseThrow().getSpec().getRuntimeClassName())
                .isNull();
        comesToRest();
        deletesWithTheTenant();
        survivesAnEmptiedTenant();
    }

    /// Nothing is written any more: no two writers undo each other's work.
    private void comesToRest() {
        await(
                "a scan finds no difference",
                () -> engine.status(ACME).orElseThrow().mismatches() == 0
                        && engine.status(GLOBEX).orElseThrow().mismatches() == 0);
        var quietSince = new AtomicLong(System.nanoTime());
        var seen = new AtomicInteger(writes.size());
        await("no write for two seconds", () -> {
            if (seen.getAndSet(writes.size()) != writes.size()) {
                quietSince.set(System.nanoTime());
            }
            return System.nanoTime() - quietSince.get() > Duration.ofSeconds(2).toNanos();
        });
    }

    private void deletesWithTheTenant() {
        globex.client().pods().inNamespace("default").withName("web").delete();
        await(
                "globex's pod is gone on both sides",
                () -> pod(globex).isEmpty() && hostPod(GLOBEX).isEmpty());
        await("what it named is gone", () -> hostConfigMap(GLOBEX, "settings").isEmpty());
        assertThat(hostPod(ACME)).isPresent();
    }

    private void survivesAnEmptiedTenant() throws Exception {
        var uid = hostPod(ACME).orElseThrow().getMetadata().getUid();
        acme.close();
        acme = new Cluster(beans, true, List.of());
        engine.attach(attachment(ACME, acme));
        await(
                "the new store has been listed",
                () -> engine.status(ACME).orElseThrow().synced());
        await("drift was seen", () -> engine.status(ACME).orElseThrow().mismatches() > 0);

        assertThat(hostPod(ACME).orElseThrow().getMetadata().getUid()).isEqualTo(uid);
        assertThat(hostPod(ACME).orElseThrow().getMetadata().getDeletionTimestamp())
                .isNull();
        assertThat(hostConfigMap(ACME, "settings")).contains("hello");
    }

    private static TenantAttachment attachment(TenantId tenant, Cluster cluster) {
        var profile = TenantProfiles.only(tenant.equals(ACME) ? KATA : ProfileSettings.of("runc", Sandbox.RUNC));
        return new TenantAttachment(tenant, cluster.config(), 1, () -> profile);
    }

    private static void apply(KubernetesClient client, String manifests) {
        client.load(new java.io.ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(item -> create(client, item));
    }

    private static <T extends HasMetadata> void create(KubernetesClient client, T item) {
        client.resource(item).create();
    }

    private static boolean isRunning(Cluster tenant) {
        return pod(tenant)
                .filter(pod -> pod.getStatus() != null
                        && "Running".equals(pod.getStatus().getPhase())
                        && pod.getStatus().getPodIP() != null
                        && pod.getSpec().getNodeName() != null)
                .isPresent();
    }

    private static Optional<Pod> pod(Cluster tenant) {
        return Optional.ofNullable(
                tenant.client().pods().inNamespace("default").withName("web").get());
    }

    private Optional<Pod> hostPod(TenantId tenant) {
        return Optional.ofNullable(host.client()
                .pods()
                .inNamespace(tenant.hostNamespace())
                .withName(new NameMap(tenant).hostName("Pod", "default", "web"))
                .get());
    }

    private Optional<String> hostConfigMap(TenantId tenant, String name) {
        return Optional.ofNullable(host.client()
                        .configMaps()
                        .inNamespace(tenant.hostNamespace())
                        .withName(new NameMap(tenant).hostName("ConfigMap", "default", name))
                        .get())
                .map(found -> found.getData().get("greeting"));
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("deadline of: " + what).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    /// Set before every test.
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T unset() {
        return null;
    }
}
