package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.host.scheduler.Scheduler;
import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.micronaut.context.ApplicationContext;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What a user does with a pod, over real API servers: one tenant and a host with simulated nodes.
@Tag("servers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodsOfATenantTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final NameMap NAMES = new NameMap(ACME);
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    private final ApplicationContext beans = ApplicationContext.run();
    private Cluster host = unset();
    private Cluster acme = unset();
    private SyncEngine engine = unset();

    @BeforeAll
    void start() throws Exception {
        var nodes = new ArrayList<ControllerFactory>(
                SimulatedNodes.controllers(List.of(NodePool.virtual(1)), Duration.ofMillis(20)));
        nodes.add(Scheduler.factory());
        host = new Cluster(beans, false, nodes);
        acme = new Cluster(beans, true, List.of());
        apply(host.client(), "apiVersion: v1\nkind: Namespace\nmetadata: {name: " + ACME.hostNamespace() + "}");
        apply(host.client(), """
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: fast, labels: {insula.io/shared: "true"}}
                provisioner: disks.example.com
                """);
        // without a drift scan: all that is seen here comes by itself
        engine = SyncEngine.start(
                host.client(), Beans.syncers(), SyncSettings.DEFAULT.withScan(Duration.ofHours(1)), _ -> {});
        var profile = TenantProfiles.only(Beans.settings("runc"));
        engine.attach(new TenantAttachment(ACME, acme.config(), 1, () -> profile));
        await(
                "the tenant's own account",
                () -> Optional.ofNullable(acme.client()
                        .serviceAccounts()
                        .inNamespace("default")
                        .withName("default")
                        .get()),
                _ -> true);
    }

    @AfterAll
    void stop() {
        engine.close();
        acme.close();
        host.close();
        beans.close();
    }

    /// Its pods and itself are inside of the host cluster from the first moment on.
    @Test
    void closesTheWallToANewNodeAtOnce() {
        for (var name : List.of("DefaultPolicy", "DefaultEgress")) {
            awaitPolicy(name, policy -> !policy.contains("10.250.0.0/24"));
        }

        apply(host.client(), """
                apiVersion: v1
                kind: Node
                metadata: {name: new-node}
                spec: {podCIDR: 10.250.0.0/24, podCIDRs: [10.250.0.0/24], unschedulable: true}
                """);

        for (var name : List.of("DefaultPolicy", "DefaultEgress")) {
            awaitPolicy(name, policy -> policy.contains("10.250.0.0/24"));
        }
        host.client().nodes().withName("new-node").delete();
        awaitPolicy("DefaultEgress", policy -> !policy.contains("10.250.0.0/24"));
    }

    private void awaitPolicy(String name, java.util.function.Predicate<String> wanted) {
        await(
                name + " on the host",
                () -> Optional.ofNullable(host.client()
                        .network()
                        .v1()
                        .networkPolicies()
                        .inNamespace(ACME.hostNamespace())
                        .withName(NAMES.hostName(name, "", "default"))
                        .get()),
                policy -> wanted.test(policy.getSpec().toString()));
    }

    @Test
    void runsPodsWhoseListsHoldAKeyTwice() {
        pod("dup", """
                hostAliases: [{ip: 192.0.2.1, hostnames: [a]}, {ip: 192.0.2.1, hostnames: [b]}]
                imagePullSecrets: [{name: reg}, {name: reg}]
                containers:
                  - name: c
                    image: nginx
                    env: [{name: LEVEL, value: info}, {name: LEVEL, value: debug}]
                    ports: [{name: a, containerPort: 8080}, {name: b, containerPort: 8080}]
                """);

        awaitPod("dup runs", "dup", PodsOfATenantTest::isRunning);
        acme.client().pods().inNamespace("default").withName("dup").edit(pod -> {
            pod.getMetadata().setLabels(java.util.Map.of("tier", "front"));
            return pod;
        });
        await(
                "its label goes down",
                () -> onHost("dup"),
                pod -> "front".equals(pod.getMetadata().getLabels().get("tenant.insula.io/tier")));
    }

    @Test
    void becomesReadyWhenTheTenantsGateSaysSo() {
        pod("gated", "{readinessGates: [{conditionType: x/y}], containers: [{name: c, image: nginx}]}");
        var pod = awaitPod("gated runs", "gated", PodsOfATenantTest::isRunning);
        assertThat(condition(pod, "Ready")).isEqualTo("False");

        acme.client()
                .pods()
                .inNamespace("default")
                .withName("gated")
                .subresource("status")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        "{\"status\":{\"conditions\":[{\"type\":\"x/y\",\"status\":\"True\"}]}}");

        var ready = awaitPod(
                "gated is ready", "gated", each -> condition(each, "Ready").equals("True"));
        assertThat(condition(ready, "x/y")).isEqualTo("True");
    }

    @Test
    void addsAContainerAndResizesAndBringsTheDeadlineForward() {
        pod("busy", "{containers: [{name: c, image: nginx, resources: {limits: {cpu: 100m, memory: 64Mi}}}]}");
        awaitPod("busy runs", "busy", PodsOfATenantTest::isRunning);
        var pods = acme.client().pods().inNamespace("default").withName("busy");

        pods.ephemeralContainers()
                .edit(pod -> new io.fabric8.kubernetes.api.model.PodBuilder(pod)
                        .editSpec()
                        .addNewEphemeralContainer()
                        .withName("debugger")
                        .withImage("busybox")
                        .withStdin(true)
                        .withTargetContainerName("c")
                        .endEphemeralContainer()
                        .endSpec()
                        .build());
        await(
                "the debugger is in the host pod",
                () -> onHost("busy"),
                pod -> pod.getSpec().getEphemeralContainers().stream()
                        .anyMatch(each -> each.getName().equals("debugger")));

        awaitPod(
                "the tenant sees it run",
                "busy",
                pod -> pod.getStatus().getEphemeralContainerStatuses().stream()
                        .anyMatch(each -> each.getState().getRunning() != null));

        pods.subresource("resize")
                .patch(
                        PatchContext.of(PatchType.STRATEGIC_MERGE),
                        "{\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{\"limits\":"
                                + "{\"cpu\":\"200m\",\"memory\":\"64Mi\"},\"requests\":{\"cpu\":\"200m\"}}}]}}");
        pods.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"activeDeadlineSeconds\":3600}}");
        await(
                "the host pod has its new size and deadline",
                () -> onHost("busy"),
                pod -> new Quantity("200m")
                                .equals(pod.getSpec()
                                        .getContainers()
                                        .getFirst()
                                        .getResources()
                                        .getLimits()
                                        .get("cpu"))
                        && Long.valueOf(3600).equals(pod.getSpec().getActiveDeadlineSeconds()));
        awaitPod(
                "the tenant sees what it was given",
                "busy",
                pod -> new Quantity("200m")
                        .equals(pod.getStatus()
                                .getContainerStatuses()
                                .getFirst()
                                .getAllocatedResources()
                                .get("cpu")));
    }

    @Test
    void mountsTheClaimThatTheTenantMadeForAnEphemeralVolume() {
        await(
                "acme sees the class",
                () -> Optional.ofNullable(acme.client()
                        .storage()
                        .v1()
                        .storageClasses()
                        .withName("fast")
                        .get()),
                _ -> true);
        pod("scratch", """
                containers: [{name: c, image: nginx, volumeMounts: [{name: v, mountPath: /v}]}]
                volumes:
                  - name: v
                    ephemeral:
                      volumeClaimTemplate:
                        spec:
                          accessModes: [ReadWriteOnce]
                          storageClassName: fast
                          resources: {requests: {storage: 1Gi}}
                """);

        var claim = NAMES.hostName("PersistentVolumeClaim", "default", "scratch-v");
        await(
                "the host pod mounts the claim",
                () -> onHost("scratch"),
                pod -> pod.getSpec().getVolumes().stream()
                        .anyMatch(volume -> volume.getPersistentVolumeClaim() != null
                                && claim.equals(
                                        volume.getPersistentVolumeClaim().getClaimName())));
        await(
                "the claim is there",
                () -> Optional.ofNullable(host.client()
                        .persistentVolumeClaims()
                        .inNamespace(ACME.hostNamespace())
                        .withName(claim)
                        .get()),
                _ -> true);
        assertThat(host.client()
                        .persistentVolumeClaims()
                        .inNamespace(ACME.hostNamespace())
                        .list()
                        .getItems())
                .as("one claim, not two")
                .hasSize(1);
    }

    /// The host's administrators limit what one container may take; the tenant's API server knows nothing of it.
    @Test
    void hearsWhatTheHostRefuses() {
        apply(host.client(), """
                apiVersion: v1
                kind: LimitRange
                metadata: {name: small, namespace: %s}
                spec: {limits: [{type: Container, max: {memory: 1Gi}}]}
                """.formatted(ACME.hostNamespace()));
        pod("huge", "{containers: [{name: c, image: nginx, resources: {limits: {cpu: 100m, memory: 64Gi}}}]}");

        var pod = awaitPod(
                "huge says why", "huge", each -> condition(each, "PodScheduled").equals("False"));
        assertThat(pod.getStatus().getConditions())
                .anyMatch(each -> each.getReason().equals("HostRefused")
                        && each.getMessage().contains("memory")
                        && !each.getMessage().contains(ACME.hostNamespace()));
        await(
                "an event says so too",
                () -> acme.client().v1().events().inNamespace("default").list().getItems().stream()
                        .filter(event -> "HostRefused".equals(event.getReason())
                                && "huge".equals(event.getInvolvedObject().getName()))
                        .findFirst(),
                _ -> true);
    }

    private void pod(String name, String spec) {
        apply(
                acme.client(),
                "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: default}\nspec:\n"
                        + spec.indent(2));
    }

    private Pod awaitPod(String what, String name, Predicate<Pod> condition) {
        return await(
                what,
                () -> Optional.ofNullable(acme.client()
                        .pods()
                        .inNamespace("default")
                        .withName(name)
                        .get()),
                condition);
    }

    private Optional<Pod> onHost(String name) {
        return Optional.ofNullable(host.client()
                .pods()
                .inNamespace(ACME.hostNamespace())
                .withName(NAMES.hostName("Pod", "default", name))
                .get());
    }

    private static boolean isRunning(Pod pod) {
        return "Running".equals(pod.getStatus().getPhase())
                && pod.getStatus().getContainerStatuses().stream().allMatch(ContainerStatus::getReady);
    }

    private static String condition(Pod pod, String type) {
        return pod.getStatus().getConditions().stream()
                .filter(each -> type.equals(each.getType()))
                .map(each -> each.getStatus())
                .findFirst()
                .orElse("");
    }

    private static void apply(KubernetesClient client, String manifest) {
        client.load(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(item -> client.resource(item).create());
    }

    private static <T> T await(String what, java.util.function.Supplier<Optional<T>> look, Predicate<T> condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (true) {
            var seen = look.get();
            if (seen.isPresent() && condition.test(seen.get())) {
                return seen.get();
            }
            assertThat(System.nanoTime())
                    .as("deadline of: " + what + ", seen: " + seen)
                    .isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    /// Set before every test.
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T unset() {
        return null;
    }
}
