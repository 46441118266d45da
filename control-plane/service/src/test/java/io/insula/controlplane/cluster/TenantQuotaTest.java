package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.tenant.ProfileSource;
import io.insula.controlplane.tenant.ProfileSource.Profile;
import io.insula.controlplane.tenant.TenantLimits;
import io.insula.isolation.Profiles;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tenant tries to take more of the host than it may, with all rights in its own cluster.
class TenantQuotaTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final ApplicationContext beans = ApplicationContext.run();
    private volatile ProfileSource.Choice choice = choice(Map.of(), Map.of());
    private TestCluster tenant = unset();

    @BeforeEach
    void start(@TempDir Path folder) {
        tenant = new TestCluster(
                "acme",
                folder,
                beans.getBean(ServerComponents.class),
                builder -> builder.plugins(
                        List.of(new TenantQuota(beans.getBean(Profiles.class), () -> choice, InstantSource.system()))));
        for (var name : List.of("shop", "office")) {
            tenant.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .endMetadata()
                            .build())
                    .create();
            tenant.client()
                    .resource(new io.fabric8.kubernetes.api.model.ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName("default")
                            .withNamespace(name)
                            .endMetadata()
                            .build())
                    .create();
        }
    }

    @AfterEach
    void stop() {
        tenant.close();
        beans.close();
    }

    @Test
    void countsPodsOverAllNamespacesInTheWordsOfAQuota() {
        choice = choice(Map.of("pods", "1"), Map.of());
        create("shop", pod("a", ""));

        assertThatThrownBy(() -> create("office", pod("b", "")))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403))
                .hasMessageContaining("pods \"b\" is forbidden: exceeded quota: isolation-profile-runc, requested:"
                        + " pods=1, used: pods=1, limited: pods=1");
        assertThat(client().pods().inNamespace("office").list().getItems()).isEmpty();
    }

    @Test
    void givesBackWhatIsDeletedOrEnds() {
        choice = choice(Map.of("pods", "1"), Map.of());
        create("shop", pod("a", ""));
        client().pods().inNamespace("shop").withName("a").withGracePeriod(0).delete();
        await(() -> create("office", pod("b", "")));

        client().pods().inNamespace("office").withName("b").editStatus(pod -> {
            pod.setStatus(new io.fabric8.kubernetes.api.model.PodStatusBuilder()
                    .withPhase("Succeeded")
                    .build());
            return pod;
        });
        await(() -> create("office", pod("c", "")));
    }

    @Test
    void givesTheLastOneToOneOfManyAtOnce() throws Exception {
        choice = choice(Map.of("pods", "3"), Map.of());
        var go = new CountDownLatch(1);
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> all = IntStream.range(0, 24)
                    .mapToObj(i -> executor.submit(() -> {
                        go.await();
                        return isCreated(i % 2 == 0 ? "shop" : "office", pod("p" + i, ""));
                    }))
                    .toList();
            go.countDown();
            int created = 0;
            for (var each : all) {
                created += each.get() ? 1 : 0;
            }
            assertThat(created).isEqualTo(3);
        }
        assertThat(client().pods().inAnyNamespace().list().getItems()).hasSize(3);
    }

    @Test
    void countsWhatRunsOnTheHost() {
        // 500m asked for and 100m of the sandbox; the limit is what hard resources reserve
        choice = new ProfileSource.Choice(
                new Profile(
                        "gvisor",
                        Map.of(
                                "sandbox", "gvisor",
                                "overhead", Map.of("cpu", "100m", "memory", "64Mi"),
                                "quota", Map.of("requests.cpu", "1"))),
                List.of());
        create("shop", pod("a", "resources: {requests: {cpu: 100m}, limits: {cpu: 500m}}"));

        assertThatThrownBy(() -> create("shop", pod("b", "resources: {limits: {cpu: 400m}}")))
                .hasMessageContaining(
                        "requested: requests.cpu=500m, used: requests.cpu=600m, limited:" + " requests.cpu=1");
        assertThatCode(() -> create("shop", pod("c", "resources: {limits: {cpu: 300m}}")))
                .doesNotThrowAnyException();
    }

    @Test
    void countsEachProfileByItself() {
        choice = new ProfileSource.Choice(
                new Profile("runc", Map.of("sandbox", "runc")),
                List.of(new Profile("kata", Map.of("sandbox", "kata", "quota", Map.of("pods", "1")))));
        create("shop", pod("a", ""));
        create("shop", pod("b", ""));
        create("shop", asking("c", "kata"));

        assertThatThrownBy(() -> create("office", asking("d", "kata")))
                .hasMessageContaining("exceeded quota: isolation-profile-kata");
        assertThatCode(() -> create("office", pod("e", ""))).doesNotThrowAnyException();
    }

    @Test
    void limitsNodePortsAndLoadBalancersAlsoByChangeOfType() {
        choice = choice(Map.of(), Map.of("services.nodeports", "2", "services.loadbalancers", "1", "services", "20"));
        create("shop", service("a", "NodePort", 2));
        create("shop", service("b", "ClusterIP", 1));

        assertThatThrownBy(() -> create("office", service("c", "NodePort", 1)))
                .hasMessageContaining("exceeded quota: insula, requested: services.nodeports=1, used:"
                        + " services.nodeports=2, limited: services.nodeports=2");
        assertThatThrownBy(() -> client().services()
                        .inNamespace("shop")
                        .withName("b")
                        .edit(service -> {
                            service.getSpec().setType("NodePort");
                            return service;
                        }))
                .hasMessageContaining("exceeded quota: insula, requested: services.nodeports=1");
        client().services().inNamespace("shop").withName("a").edit(service -> {
            service.getSpec().setType("ClusterIP");
            service.getSpec().getPorts().forEach(port -> port.setNodePort(null));
            return service;
        });
        await(() -> create("office", service("c", "LoadBalancer", 1)));
        assertThatThrownBy(() -> create("office", service("d", "LoadBalancer", 1)))
                .hasMessageContaining("services.loadbalancers=1");
    }

    @Test
    void limitsServicesClaimsAndStorage() {
        choice = choice(Map.of(), Map.of("services", "2", "persistentvolumeclaims", "2", "requests.storage", "10Gi"));
        create("shop", claim("a", "8Gi"));

        assertThatThrownBy(() -> create("office", claim("b", "4Gi")))
                .hasMessageContaining("requested: requests.storage=4Gi, used: requests.storage=8Gi");
        create("office", claim("b", "1Gi"));
        assertThatThrownBy(() -> create("office", claim("c", "1Gi"))).hasMessageContaining("persistentvolumeclaims=1");
        // the cluster's own `kubernetes` is one of them
        create("shop", service("a", "ClusterIP", 1));
        assertThatThrownBy(() -> create("office", service("b", "ClusterIP", 1)))
                .hasMessageContaining("exceeded quota: insula, requested: services=1, used: services=2");
    }

    @Test
    void limitsTheBytesOfConfigMapsAlsoWhenTheyGrow() {
        choice = choice(Map.of(), Map.of("bytes/configmaps", "4Ki"));
        create("shop", configMap("a", 2000));
        create("shop", configMap("b", 1000));

        assertThatThrownBy(() -> create("office", configMap("c", 2000)))
                .hasMessageContaining("exceeded quota: insula, requested: bytes/configmaps=2001");
        assertThatThrownBy(() -> client().resource(configMap("b", 3001))
                        .inNamespace("shop")
                        .update())
                .hasMessageContaining("exceeded quota: insula, requested: bytes/configmaps=2001");
        assertThatCode(() -> client().resource(configMap("a", 10))
                        .inNamespace("shop")
                        .update())
                .as("what shrinks is never refused")
                .doesNotThrowAnyException();
    }

    @Test
    void refusesAPodThatGrowsBeyondItByAResize() {
        choice = choice(Map.of("limits.cpu", "3"), Map.of());
        create("shop", pod("a", "resources: {limits: {cpu: 1}}"));
        create("office", pod("b", "resources: {limits: {cpu: 1}}"));

        assertThatThrownBy(() -> resize("shop", "a", "2500m"))
                .hasMessageContaining("pods \"a\" is forbidden: exceeded quota: isolation-profile-runc, requested:"
                        + " limits.cpu=1500m, used: limits.cpu=2, limited: limits.cpu=3");
        resize("shop", "a", "2");
        assertThatThrownBy(() -> resize("office", "b", "1100m"))
                .as("what one has taken is gone for the others")
                .hasMessageContaining("exceeded quota: isolation-profile-runc, requested: limits.cpu=100m");
        resize("shop", "a", "500m");
        resize("office", "b", "2500m");
    }

    private void resize(String namespace, String name, String cpu) {
        client().pods()
                .inNamespace(namespace)
                .withName(name)
                .subresource("resize")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), """
                        {"spec": {"containers": [{"name": "c", "resources":
                          {"requests": {"cpu": "%s"}, "limits": {"cpu": "%s"}}}]}}
                        """.formatted(cpu, cpu));
    }

    @Test
    void letsWhatIsBeyondAlreadyLive() {
        create("shop", service("a", "NodePort", 2));
        choice = choice(Map.of(), Map.of("services.nodeports", "0"));

        assertThatCode(() -> client().services()
                        .inNamespace("shop")
                        .withName("a")
                        .edit(service -> {
                            service.getMetadata().setLabels(Map.of("seen", "yes"));
                            return service;
                        }))
                .doesNotThrowAnyException();
    }

    @Test
    void admitsNothingWhileTheLimitsCannotBeRead() {
        choice = new ProfileSource.Choice(new Profile("runc", Map.of("sandbox", "nonsense")), List.of());

        assertThatThrownBy(() -> create("shop", pod("a", "")))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(503));
    }

    @Test
    void chargesNothingForADryRunOrForWhatExists() {
        choice = choice(Map.of("pods", "2"), Map.of());
        for (int i = 0; i < 3; i++) {
            client().resource(pod("dry", "")).inNamespace("shop").dryRun(true).create();
        }
        create("shop", pod("a", ""));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> create("shop", pod("a", ""))).hasMessageContaining("already exists");
        }
        assertThatCode(() -> create("shop", pod("b", ""))).doesNotThrowAnyException();
    }

    @Test
    void countsCustomKindsThatGoToTheHost() {
        choice = choice(Map.of(), Map.of("count/widgets.example.com", "1"));
        client().resource(Serialization.unmarshal("""
                        apiVersion: apiextensions.k8s.io/v1
                        kind: CustomResourceDefinition
                        metadata: {name: widgets.example.com}
                        spec:
                          group: example.com
                          scope: Namespaced
                          names: {kind: Widget, plural: widgets}
                          versions:
                          - name: v1
                            served: true
                            storage: true
                            schema: {openAPIV3Schema: {type: object}}
                        """, CustomResourceDefinition.class))
                .create();
        await(() -> create("shop", widget("a")));

        assertThatThrownBy(() -> create("office", widget("b")))
                .hasMessageContaining("exceeded quota: insula, requested: count/widgets.example.com=1,"
                        + " used: count/widgets.example.com=1, limited: count/widgets.example.com=1");
    }

    private static HasMetadata widget(String name) {
        return Serialization.unmarshal(
                "---\n{apiVersion: example.com/v1, kind: Widget, metadata: {name: " + name + "}}",
                GenericKubernetesResource.class);
    }

    private static ProfileSource.Choice choice(Map<String, String> quota, Map<String, String> limits) {
        var hard = new TreeMap<>(TenantLimits.DEFAULT.hard());
        limits.forEach((name, amount) -> hard.put(name, new Quantity(amount)));
        return new ProfileSource.Choice(
                new Profile("runc", Map.of("sandbox", "runc", "quota", quota)), List.of(), new TenantLimits(hard));
    }

    private KubernetesClient client() {
        return tenant.client();
    }

    private void create(String namespace, HasMetadata object) {
        client().resource(object).inNamespace(namespace).create();
    }

    private boolean isCreated(String namespace, HasMetadata object) {
        try {
            create(namespace, object);
            return true;
        } catch (KubernetesClientException e) {
            assertThat(e).hasMessageContaining("exceeded quota");
            return false;
        }
    }

    private static Pod pod(String name, String fields) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  containers:
                    - name: c
                      image: i
                      %s
                """.formatted(name, fields), Pod.class);
    }

    private static Pod asking(String name, String profile) {
        var pod = pod(name, "");
        pod.getMetadata().setLabels(Map.of(Profiles.ASK, profile));
        return pod;
    }

    private static HasMetadata service(String name, String type, int ports) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withType(type)
                .withPorts(IntStream.range(0, ports)
                        .mapToObj(i -> new io.fabric8.kubernetes.api.model.ServicePortBuilder()
                                .withName("p" + i)
                                .withPort(80 + i)
                                .build())
                        .toList())
                .endSpec()
                .build();
    }

    private static HasMetadata claim(String name, String size) {
        return new io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withNewResources()
                .addToRequests("storage", new Quantity(size))
                .endResources()
                .endSpec()
                .build();
    }

    private static HasMetadata configMap(String name, int size) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .addToData("k", "x".repeat(size))
                .build();
    }

    private static void await(Runnable attempt) {
        var deadline = Instant.now().plus(PATIENCE);
        while (true) {
            try {
                attempt.run();
                return;
            } catch (KubernetesClientException e) {
                assertThat(Instant.now()).as(String.valueOf(e.getMessage())).isBefore(deadline);
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    /// Set before every test.
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T unset() {
        return null;
    }
}
