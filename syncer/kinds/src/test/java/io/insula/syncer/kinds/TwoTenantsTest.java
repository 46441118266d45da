package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.host.scheduler.Scheduler;
import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncAudit.SyncWrite;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The whole path over real API servers: two tenants and a host with simulated nodes.
@Tag("servers")
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
    private static final ProfileSettings KATA = Beans.profiles()
            .settings(
                    "kata",
                    Map.of(
                            "sandbox",
                            "kata",
                            "nodePool",
                            Map.of("selector", Map.of("insula.io/node-pool", "bare-metal"))));

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
                host.client(), Beans.syncers(), SyncSettings.DEFAULT.withScan(Duration.ofSeconds(1)), writes::add);
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
        actsAsItsServiceAccountInItsOwnTenantOnly();
        closesThePodsThatAPolicyIsFor();
        carriesItsClaims();
        comesToRest();
        keepsEverythingWhileATenantDoesNotAnswer();
        deletesWhatWentWhileItWasDetached();
        deletesWithTheTenant();
        survivesAnEmptiedTenant();
    }

    private void actsAsItsServiceAccountInItsOwnTenantOnly() {
        await("acme's pod has its token", () -> hostToken(ACME).isPresent());
        var token = hostToken(ACME).orElseThrow();
        var own = review(acme, token);
        var mounted = hostPod(ACME).orElseThrow().getSpec().getVolumes().stream()
                .flatMap(volume -> Stream.ofNullable(volume.getProjected()))
                .flatMap(projected -> projected.getSources().stream())
                .toList();

        assertThat(own.getAuthenticated()).isTrue();
        assertThat(own.getUser().getUsername()).isEqualTo("system:serviceaccount:default:default");
        assertThat(own.getUser().getExtra().get("authentication.kubernetes.io/pod-uid"))
                .containsExactly(pod(acme).orElseThrow().getMetadata().getUid());
        assertThat(review(globex, token).getAuthenticated()).isNotEqualTo(true);
        assertThat(review(host, token).getAuthenticated()).isNotEqualTo(true);
        assertThat(mounted).noneMatch(source -> source.getServiceAccountToken() != null);
        assertThat(mounted)
                .anyMatch(source -> source.getSecret() != null
                        && source.getSecret().getName().equals(tokenSecret(ACME)));
        assertThat(hostPod(ACME)
                        .orElseThrow()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getEnv())
                .anyMatch(variable -> variable.getName().equals("KUBERNETES_SERVICE_HOST")
                        && variable.getValue()
                                .equals(acme.client()
                                        .services()
                                        .inNamespace("default")
                                        .withName("kubernetes")
                                        .get()
                                        .getSpec()
                                        .getClusterIP()));
    }

    private void closesThePodsThatAPolicyIsFor() {
        assertThat(hostPod(ACME).orElseThrow().getMetadata().getLabels()).containsKey(InsulaLabels.OPEN);
        apply(acme.client(), """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: closed, namespace: default}
                spec: {podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {}}]}]}
                """);

        await(
                "the policy is on the host",
                () -> host.client()
                                .network()
                                .v1()
                                .networkPolicies()
                                .inNamespace(ACME.hostNamespace())
                                .withName(new NameMap(ACME).hostName("NetworkPolicy", "default", "closed"))
                                .get()
                        != null);
        await(
                "the pod is not open any more",
                () -> !hostPod(ACME).orElseThrow().getMetadata().getLabels().containsKey(InsulaLabels.OPEN));
        assertThat(hostPod(GLOBEX).orElseThrow().getMetadata().getLabels()).containsKey(InsulaLabels.OPEN);
    }

    private void carriesItsClaims() {
        apply(host.client(), """
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: fast, labels: {insula.io/shared: "true"}}
                provisioner: disks.example.com
                parameters: {secret: root}
                """);
        await(
                "acme sees the class",
                () -> acme.client()
                                .storage()
                                .v1()
                                .storageClasses()
                                .withName("fast")
                                .get()
                        != null);
        apply(acme.client(), """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: data, namespace: default}
                spec: {accessModes: [ReadWriteOnce], storageClassName: fast, resources: {requests: {storage: 1Gi}}}
                """);
        var name = new NameMap(ACME).hostName("PersistentVolumeClaim", "default", "data");
        var claims = host.client().persistentVolumeClaims().inNamespace(ACME.hostNamespace());
        await("the host has the claim", () -> claims.withName(name).get() != null);
        apply(host.client(), """
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: pv-1}
                spec:
                  accessModes: [ReadWriteOnce]
                  capacity: {storage: 1Gi}
                  storageClassName: fast
                  claimRef: {apiVersion: v1, kind: PersistentVolumeClaim, namespace: insula-acme, name: %s}
                  csi: {driver: disks.example.com, volumeHandle: handle-1}
                """.formatted(name));
        claims.withName(name).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"volumeName\":\"pv-1\"}}");
        claims.withName(name)
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"status\":{\"phase\":\"Bound\",\"capacity\":{\"storage\":\"1Gi\"}}}");

        await("acme's claim is bound", () -> {
            var claim = acme.client()
                    .persistentVolumeClaims()
                    .inNamespace("default")
                    .withName("data")
                    .get();
            return "Bound".equals(claim.getStatus().getPhase())
                    && "pv-1".equals(claim.getSpec().getVolumeName());
        });
        await(
                "acme sees its volume",
                () -> Optional.ofNullable(acme.client()
                                .persistentVolumes()
                                .withName("pv-1")
                                .get())
                        .filter(volume ->
                                "data".equals(volume.getSpec().getClaimRef().getName()))
                        .isPresent());
        assertThat(globex.client().persistentVolumes().withName("pv-1").get()).isNull();

        claims.withName(name)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"labels\":{\"insula.io/ending\":\"true\"}}}");
        await("what is not to go is not said to go", () -> !isEnding(claims.withName(name)));
        acme.client()
                .persistentVolumeClaims()
                .inNamespace("default")
                .withName("data")
                .delete();
        await("what is to go is said to go", () -> isEnding(claims.withName(name)));
        assertThat(claims.withName(name).get().getMetadata().getDeletionTimestamp())
                .as("by somebody else")
                .isNull();
        claims.withName(name).delete();
    }

    private static boolean isEnding(Resource<PersistentVolumeClaim> claim) {
        return claim.get().getMetadata().getLabels().containsKey("insula.io/ending");
    }

    private void keepsEverythingWhileATenantDoesNotAnswer() {
        var uid = hostPod(ACME).orElseThrow().getMetadata().getUid();
        var unreachable = new ConfigBuilder(acme.config())
                .withMasterUrl("https://127.0.0.1:1")
                .build();
        var profiles = TenantProfiles.only(KATA);
        engine.attach(new TenantAttachment(ACME, unreachable, 1, () -> profiles));
        await("two scans were tried", () -> engine.status(ACME).orElseThrow().scans() >= 2);

        assertThat(engine.status(ACME).orElseThrow().synced()).isFalse();
        assertThat(hostPod(ACME).orElseThrow().getMetadata().getUid()).isEqualTo(uid);
        assertThat(hostPod(ACME).orElseThrow().getMetadata().getDeletionTimestamp())
                .isNull();
        assertThat(hostToken(ACME)).isPresent();
        engine.attach(attachment(ACME, acme));
        await("acme answers again", () -> engine.status(ACME).orElseThrow().synced());
        assertThat(hostPod(ACME).orElseThrow().getMetadata().getUid()).isEqualTo(uid);
    }

    private void deletesWhatWentWhileItWasDetached() {
        engine.detach(GLOBEX);
        globex.client().services().inNamespace("default").withName("web").delete();
        assertThat(hostService(GLOBEX))
                .as("nobody is asked while it is detached")
                .isPresent();

        engine.attach(attachment(GLOBEX, globex));
        await("what went meanwhile is gone", () -> hostService(GLOBEX).isEmpty());
        assertThat(hostPod(GLOBEX)).isPresent();
    }

    /// Nothing is written any more: no two writers undo each other's work.
    private void comesToRest() {
        await(
                "a scan finds no difference",
                () -> engine.status(ACME).orElseThrow().different() == 0
                        && engine.status(GLOBEX).orElseThrow().different() == 0);
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
        await("its token is gone", () -> hostToken(GLOBEX).isEmpty());
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
        await("drift was seen", () -> engine.status(ACME).orElseThrow().different() > 0);

        assertThat(hostPod(ACME).orElseThrow().getMetadata().getUid()).isEqualTo(uid);
        assertThat(hostPod(ACME).orElseThrow().getMetadata().getDeletionTimestamp())
                .isNull();
        assertThat(hostConfigMap(ACME, "settings")).contains("hello");
    }

    private static TenantAttachment attachment(TenantId tenant, Cluster cluster) {
        var profile = TenantProfiles.only(tenant.equals(ACME) ? KATA : Beans.settings("runc"));
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

    private static String tokenSecret(TenantId tenant) {
        return new NameMap(tenant).hostName("Token", "default", "web");
    }

    private Optional<String> hostToken(TenantId tenant) {
        return Optional.ofNullable(host.client()
                        .secrets()
                        .inNamespace(tenant.hostNamespace())
                        .withName(tokenSecret(tenant))
                        .get())
                .flatMap(secret -> secret.getData().values().stream().findFirst())
                .map(data -> new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8));
    }

    private static TokenReviewStatus review(Cluster cluster, String token) {
        var review = new TokenReviewBuilder()
                .withNewSpec()
                .withToken(token)
                .endSpec()
                .build();
        return cluster.client().tokenReviews().create(review).getStatus();
    }

    private Optional<Service> hostService(TenantId tenant) {
        return Optional.ofNullable(host.client()
                .services()
                .inNamespace(tenant.hostNamespace())
                .withName(new NameMap(tenant).hostName("Service", "default", "web"))
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
        long deadline = System.nanoTime() + Duration.ofMinutes(3).toNanos();
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
