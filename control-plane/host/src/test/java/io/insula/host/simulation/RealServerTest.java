package io.insula.host.simulation;

import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Scheduler;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.ServiceAccountKeys;
import io.insula.tenantapi.controllers.ClusterFacts;
import io.insula.tenantapi.controllers.ControllerExecutors;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerManager;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.server.ServerComponents;
import io.insula.tenantapi.server.ServerConfig;
import io.insula.tenantapi.server.TenantApiServer;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.view.PodView;
import io.micronaut.context.ApplicationContext;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Every registered controller, the scheduler and the simulated nodes against the real server, its validation included.
final class RealServerTest {

    private final ApplicationContext beans = ApplicationContext.run();
    private final ExecutorService work = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("controller-", 0).factory());
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("controller-timer").factory());
    private final TenantApiServer server;
    private final ObjectClient client;
    private final ControllerManager manager;

    RealServerTest() throws GeneralSecurityException {
        server = new TenantApiServer(
                beans.getBean(ServerComponents.class),
                ServerConfig.builder(new InMemoryStorage(), keys()).build());
        server.start();
        client = server.client();
        var extra = new ArrayList<ControllerFactory>();
        extra.add(Scheduler.factory());
        extra.addAll(
                SimulatedNodes.controllers(List.of(NodePool.bareMetal(1), NodePool.virtual(1)), Duration.ofMillis(10)));
        manager = beans.getBean(ControllerManagers.class)
                .start(
                        client,
                        new ControllerExecutors(work, timer),
                        Clock.systemUTC(),
                        new ClusterFacts("-----BEGIN CERTIFICATE-----"),
                        server.loopMetrics(),
                        extra);
    }

    @BeforeEach
    void readiness() {
        await("the controllers", manager::started);
    }

    @AfterEach
    void stop() {
        manager.close();
        server.close();
        work.close();
        timer.shutdownNow();
        beans.close();
    }

    @Test
    void resizesARunningPodAndDebugsIt() {
        client.create(Resources.NAMESPACES, "", parse("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"));
        await(
                "the account",
                () -> client.get(Resources.SERVICE_ACCOUNTS, "shop", "default").isPresent());
        client.create(
                Resources.PODS,
                "shop",
                parse(
                        "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}, spec: {containers: [{name: c,"
                                + " image: 'nginx:1', resources: {requests: {cpu: 1000m}}}]}}"));
        await("the pod", () -> pod("web", "/status/phase").equals("Running"));
        assertThat(pod("web", "/status/containerStatuses/0/resources/requests/cpu"))
                .isEqualTo("1");

        client.mergePatch(
                Resources.PODS,
                "shop",
                "web",
                "resize",
                parse("{spec: {containers: [{name: c, image: 'nginx:1', resources: {requests: {cpu: '2'}}}]}}"));
        await(
                "its size",
                () -> pod("web", "/status/containerStatuses/0/resources/requests/cpu")
                        .equals("2"));
        assertThat(pod("web", "/status/containerStatuses/0/restartCount")).isEqualTo("0");

        client.mergePatch(
                Resources.PODS,
                "shop",
                "web",
                "ephemeralcontainers",
                parse(
                        "{spec: {ephemeralContainers: [{name: debugger, image: 'busybox:1', command: [sleep, '3600']}]}}"));
        await(
                "the debugger",
                () -> !pod("web", "/status/ephemeralContainerStatuses/0/state/running/startedAt")
                        .isEmpty());
        assertThat(pod("web", "/status/phase")).isEqualTo("Running");
    }

    private String pod(String name, String pointer) {
        return client.get(Resources.PODS, "shop", name)
                .map(pod -> pod.at(pointer).asText())
                .orElse("");
    }

    @Test
    void runsADeploymentBehindAServiceAndEmptiesItsNamespace() {
        client.create(Resources.NAMESPACES, "", parse("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"));
        await(
                "the account",
                () -> client.get(Resources.SERVICE_ACCOUNTS, "shop", "default").isPresent());
        await(
                "the certificate",
                () -> client.get(Resources.CONFIG_MAPS, "shop", "kube-root-ca.crt")
                        .isPresent());
        client.create(
                Resources.DEPLOYMENTS,
                "shop",
                parse(
                        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {replicas: 2,"
                                + " selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec:"
                                + " {containers: [{name: c, image: 'nginx:1', ports: [{containerPort: 80}]}]}}}}"));
        client.create(
                Resources.SERVICES,
                "shop",
                parse(
                        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web},"
                                + " ports: [{port: 80}]}}"));
        await(
                "two ready pods",
                () -> pods().stream().filter(pod -> PodView.of(pod).isReady()).count() == 2);
        await(
                "two addresses",
                () -> client.get(Resources.ENDPOINTS, "shop", "web")
                        .map(e -> e.at("/subsets/0/addresses").size() == 2)
                        .orElse(false));
        await(
                "a complete deployment",
                () -> client.get(Resources.DEPLOYMENTS, "shop", "web")
                        .map(d -> d.at("/status/availableReplicas").asInt() == 2)
                        .orElse(false));
        assertThat(client.list(Resources.REPLICA_SETS, "shop", Query.ALL).items())
                .hasSize(1);

        client.mergePatch(Resources.DEPLOYMENTS, "shop", "web", "", parse("{spec: {replicas: 0}}"));
        await(
                "no address",
                () -> client.get(Resources.ENDPOINTS, "shop", "web")
                        .map(e -> e.path("subsets").isEmpty())
                        .orElse(false));
        client.mergePatch(Resources.DEPLOYMENTS, "shop", "web", "", parse("{spec: {replicas: 1}}"));
        await("one pod", () -> pods().size() == 1);
        client.delete(Resources.DEPLOYMENTS, "shop", "web", Json.object().put("propagationPolicy", "Background"));
        await("the garbage to be collected", () -> pods().isEmpty());
        client.delete(Resources.NAMESPACES, "", "shop", Json.object());
        await(
                "the namespace to go",
                () -> client.get(Resources.NAMESPACES, "", "shop").isEmpty());
    }

    private List<ObjectNode> pods() {
        return client.list(Resources.PODS, "shop", Query.ALL).items();
    }

    private static ServiceAccountKeys keys() throws GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair pair = generator.generateKeyPair();
        return new ServiceAccountKeys((ECPrivateKey) pair.getPrivate(), (ECPublicKey) pair.getPublic(), List.of());
    }

    /// The canonical stateful set, with the class that the embedded host has, and one of nodes that really run.
    @Test
    void runsAStatefulSetOnItsClaims() {
        client.create(Resources.STORAGE_CLASSES, "", parse("""
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: standard, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}
                provisioner: insula.io/simulated
                volumeBindingMode: WaitForFirstConsumer
                reclaimPolicy: Delete
                allowVolumeExpansion: true
                """));
        client.create(Resources.STORAGE_CLASSES, "", parse("""
                apiVersion: storage.k8s.io/v1
                kind: StorageClass
                metadata: {name: local}
                provisioner: insula.io/local
                volumeBindingMode: WaitForFirstConsumer
                """));
        client.create(Resources.NAMESPACES, "", parse("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"));
        await(
                "the account",
                () -> client.get(Resources.SERVICE_ACCOUNTS, "shop", "default").isPresent());
        client.create(Resources.PODS, "shop", parse("""
                apiVersion: v1
                kind: Pod
                metadata: {name: alone, namespace: shop}
                spec:
                  containers: [{name: c, image: nginx}]
                  volumes: [{name: data, persistentVolumeClaim: {claimName: nowhere}}]
                """));
        client.create(Resources.STATEFUL_SETS, "shop", parse("""
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: ledger, namespace: shop}
                spec:
                  serviceName: ledger
                  replicas: 2
                  selector: {matchLabels: {app: ledger}}
                  persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Delete}
                  template:
                    metadata: {labels: {app: ledger}}
                    spec:
                      containers:
                      - {name: store, image: nginx, volumeMounts: [{name: data, mountPath: /data}]}
                  volumeClaimTemplates:
                  - metadata: {name: data}
                    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}
                  - metadata: {name: disk}
                    spec: {accessModes: [ReadWriteOnce], storageClassName: local, resources: {requests: {storage: 64Mi}}}
                """));
        await(
                "both pods",
                () -> pods().stream().filter(pod -> PodView.of(pod).isReady()).count() == 2);
        ObjectNode claim = claim("data-ledger-0");
        assertThat(claim.at("/status/phase").asText()).isEqualTo("Bound");
        assertThat(claim.at("/metadata/labels/app").asText()).isEqualTo("ledger");
        assertThat(claim.at("/metadata/ownerReferences/0/kind").asText()).isEqualTo("StatefulSet");
        assertThat(client.get(Resources.PODS, "shop", "alone")
                        .orElseThrow()
                        .at("/status/conditions/0/message")
                        .asText())
                .isEqualTo(
                        "0/2 nodes are available: persistentvolumeclaim \"nowhere\" not found. preemption: 0/2 nodes are"
                                + " available: 2 Preemption is not helpful for scheduling.");

        client.mergePatch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "shop",
                "data-ledger-0",
                "",
                parse("{spec: {resources: {requests: {storage: 128Mi}}}}"));
        await(
                "more room",
                () -> claim("data-ledger-0")
                        .at("/status/capacity/storage")
                        .asText()
                        .equals("128Mi"));

        client.mergePatch(Resources.STATEFUL_SETS, "shop", "ledger", "", parse("{spec: {replicas: 1}}"));
        await(
                "the second pod's claims' and volumes' end",
                () -> client.list(Resources.PERSISTENT_VOLUMES, "", Query.ALL)
                                .items()
                                .size()
                        == 2);
        assertThat(client.get(Resources.PERSISTENT_VOLUME_CLAIMS, "shop", "data-ledger-1"))
                .isEmpty();
    }

    private ObjectNode claim(String name) {
        return client.get(Resources.PERSISTENT_VOLUME_CLAIMS, "shop", name).orElseThrow();
    }
}
