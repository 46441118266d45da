package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.EvictionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.insula.host.scheduler.Scheduler;
import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.isolation.TenantProfiles;
import io.insula.rules.network.AddressBlock;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.micronaut.context.ApplicationContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Over real API servers, somebody tries to get past the walls between a tenant and what else is on the host.
@Tag("servers")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostWallsTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final NameMap NAMES = new NameMap(ACME);

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
        engine = SyncEngine.start(
                host.client(), Beans.syncers(), SyncSettings.DEFAULT.withScan(Duration.ofSeconds(1)), _ -> {});
        engine.attach(new TenantAttachment(ACME, acme.config(), 1, () -> TenantProfiles.only(Beans.settings("runc"))));
        await(
                "the host has a node",
                () -> !host.client().nodes().list().getItems().isEmpty());
    }

    @AfterAll
    void stop() {
        engine.close();
        acme.close();
        host.close();
        beans.close();
    }

    @Test
    void leadsNobodyToAnythingOfTheHostByEndpoints() {
        var address = nodeAddress();
        apply(acme.client(), """
                apiVersion: v1
                kind: Service
                metadata: {name: ep, namespace: default}
                spec: {ports: [{port: 80}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: ep-4, namespace: default, labels: {kubernetes.io/service-name: ep}}
                addressType: IPv4
                endpoints:
                  - {addresses: [198.18.0.2]}
                  - {addresses: [%1$s]}
                  - {addresses: [10.96.0.1]}
                  - {addresses: [8.8.8.8]}
                  - {addresses: [100.100.100.200]}
                ports: [{port: 443}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: ep-6, namespace: default, labels: {kubernetes.io/service-name: ep}}
                addressType: IPv6
                endpoints:
                  - {addresses: ["::ffff:198.18.0.2"]}
                  - {addresses: ["::ffff:%1$s"]}
                  - {addresses: ["::ffff:6464:64c8"]}
                ports: [{port: 443}]
                """.formatted(address));

        await("both slices are on the host", () -> hostSlice("ep-4") != null && hostSlice("ep-6") != null);
        assertThat(addresses(hostSlice("ep-4"))).containsExactly("8.8.8.8");
        assertThat(addresses(hostSlice("ep-6"))).isEmpty();
        assertThat(events("Service", "ep"))
                .anySatisfy(message -> assertThat(message)
                        .contains("endpoints[0].addresses[0]: 198.18.0.2: ")
                        .contains("endpoints[1].addresses[0]: " + address + ": ")
                        .contains("endpoints[2].addresses[0]: 10.96.0.1: ")
                        .contains("endpoints[4].addresses[0]: 100.100.100.200: ")
                        .doesNotContain("8.8.8.8"))
                .anySatisfy(message -> assertThat(message)
                        .contains("::ffff:198.18.0.2: ")
                        .contains("::ffff:" + address + ": ")
                        .contains("::ffff:6464:64c8: "));
        assertThat(events("EndpointSlice", "ep-6")).hasSize(1);
    }

    /// By somebody with a hand on the host, or a controller of its own.
    @Test
    void takesBackWhatSomebodyAddsToAHostObject() {
        apply(acme.client(), """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: settings, namespace: default}
                data: {a: "1"}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: settled, namespace: default}
                spec: {containers: [{name: c, image: i, envFrom: [{configMapRef: {name: settings}}]}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: picky, namespace: default}
                spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80}]}
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: led, namespace: default}
                spec: {ports: [{port: 80}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: led-1, namespace: default, labels: {kubernetes.io/service-name: led}}
                addressType: IPv4
                endpoints: [{addresses: [8.8.8.8]}]
                ports: [{port: 443}]
                ---
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: strict, namespace: default}
                spec: {podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {}}]}]}
                """);
        var service = NAMES.hostName("Service", "default", "picky");
        var map = NAMES.hostName("ConfigMap", "default", "settings");
        var policy = NAMES.hostName("NetworkPolicy", "default", "strict");
        await(
                "all is on the host",
                () -> hostService(service) != null
                        && hostPolicy(policy) != null
                        && hostSlice("led-1") != null
                        && hostMap(map) != null);
        var port = hostService(service).getSpec().getPorts().getFirst().getNodePort();

        patch("v1", "Service", service, """
                {"metadata": {"labels": {"tenant.insula.io/app": "x"}}, "spec": {"selector": {"extra": "key"},
                 "externalIPs": ["192.0.2.7"],
                 "ports": [{"name": "http", "port": 80, "nodePort": %d}, {"name": "ssh", "port": 22}]}}
                """.formatted(port));
        patch("v1", "ConfigMap", map, "{\"data\": {\"b\": \"2\"}}");
        patch("networking.k8s.io/v1", "NetworkPolicy", policy, """
                {"spec": {"egress": [{}], "policyTypes": ["Ingress", "Egress"],
                 "podSelector": {"matchLabels": {"extra": "key"}},
                 "ingress": [{"from": [{"namespaceSelector": {}}]}]}}
                """);
        patch(
                "discovery.k8s.io/v1",
                "EndpointSlice",
                NAMES.hostName("EndpointSlice", "default", "led-1"),
                "{\"endpoints\": [{\"addresses\": [\"8.8.8.8\"]}, {\"addresses\": [\"10.96.0.1\"]}]}");

        await("the Service is as before", () -> {
            var spec = hostService(service).getSpec();
            return !spec.getSelector().containsKey("extra")
                    && spec.getExternalIPs().isEmpty()
                    && spec.getPorts().size() == 1
                    && !hostService(service).getMetadata().getLabels().containsKey("tenant.insula.io/app");
        });
        assertThat(hostService(service).getSpec().getPorts().getFirst().getNodePort())
                .isEqualTo(port);
        await("the ConfigMap is as before", () -> !hostMap(map).getData().containsKey("b"));
        await("the policy is as before", () -> {
            var spec = hostPolicy(policy).getSpec();
            return spec.getEgress().isEmpty()
                    && spec.getPolicyTypes().equals(List.of("Ingress"))
                    && !spec.getPodSelector().getMatchLabels().containsKey("extra")
                    && spec.getIngress().getFirst().getFrom().getFirst().getNamespaceSelector() == null;
        });
        await("the slice is as before", () -> addresses(hostSlice("led-1")).equals(List.of("8.8.8.8")));
        await("nothing differs", () -> engine.status(ACME).orElseThrow().different() == 0);
    }

    /// Whether the host evicts the pod.
    private boolean evicts(String name) {
        var eviction = new EvictionBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(ACME.hostNamespace())
                .endMetadata()
                .build();
        return host.client()
                .pods()
                .inNamespace(ACME.hostNamespace())
                .withName(name)
                .evict(eviction);
    }

    private void patch(String version, String kind, String name, String json) {
        host.client()
                .genericKubernetesResources(version, kind)
                .inNamespace(ACME.hostNamespace())
                .withName(name)
                .patch(PatchContext.of(PatchType.JSON_MERGE), json);
    }

    private Service hostService(String name) {
        return host.client()
                .services()
                .inNamespace(ACME.hostNamespace())
                .withName(name)
                .get();
    }

    private ConfigMap hostMap(String name) {
        return host.client()
                .configMaps()
                .inNamespace(ACME.hostNamespace())
                .withName(name)
                .get();
    }

    @Test
    void letsAnEvictionOnTheHostTakeWhatTheTenantsBudgetSpares() {
        apply(acme.client(), """
                apiVersion: policy/v1
                kind: PodDisruptionBudget
                metadata: {name: kept, namespace: default}
                spec: {minAvailable: 1, selector: {matchLabels: {app: kept}}}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: kept, namespace: default, labels: {app: kept}}
                spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: i}]}
                """);
        var name = NAMES.hostName("Pod", "default", "kept");
        var budget = NAMES.hostName("PodDisruptionBudget", "default", "kept");
        var budgets = host.client().policy().v1().podDisruptionBudget().inNamespace(ACME.hostNamespace());
        await("the pod runs", () -> {
            var pod =
                    acme.client().pods().inNamespace("default").withName("kept").get();
            return pod.getStatus() != null && "Running".equals(pod.getStatus().getPhase());
        });
        await("the host counted it", () -> {
            var found = budgets.withName(budget).get();
            return found != null
                    && found.getStatus() != null
                    && Objects.equals(found.getStatus().getCurrentHealthy(), 1)
                    && Objects.equals(found.getStatus().getExpectedPods(), 1);
        });

        assertThat(evicts(name)).as("evicted against the budget").isFalse();
        acme.client()
                .policy()
                .v1()
                .podDisruptionBudget()
                .inNamespace("default")
                .withName("kept")
                .delete();
        await("the budget is gone", () -> budgets.withName(budget).get() == null);

        assertThat(evicts(name)).isTrue();
        await(
                "the eviction reaches the tenant",
                () -> acme.client()
                                .pods()
                                .inNamespace("default")
                                .withName("kept")
                                .get()
                        == null);
    }

    @Test
    void closesEveryNamespaceOnTheHost() {
        for (var name : List.of("DefaultClosed", "DefaultPolicy", "DefaultEgress")) {
            await(name + " is on the host", () -> hostPolicy(NAMES.hostName(name, "", "default")) != null);
        }
        assertThat(hostPolicy(NAMES.hostName("DefaultEgress", "", "default"))
                        .getSpec()
                        .getEgress()
                        .getFirst()
                        .getTo()
                        .get(1)
                        .getIpBlock()
                        .getExcept())
                .as("the host named its Service range and its node by itself")
                .anyMatch(except -> AddressBlock.of(except).covers(AddressBlock.of("10.96.0.1/32")))
                .anyMatch(except -> AddressBlock.of(except).covers(AddressBlock.of("198.18.0.2/32")))
                .anyMatch(except -> AddressBlock.of(except).covers(AddressBlock.of(nodeAddress() + "/32")));
    }

    private String nodeAddress() {
        var node = host.client().nodes().list().getItems().getFirst();
        return node.getStatus().getAddresses().getFirst().getAddress();
    }

    private NetworkPolicy hostPolicy(String name) {
        return host.client()
                .network()
                .v1()
                .networkPolicies()
                .inNamespace(ACME.hostNamespace())
                .withName(name)
                .get();
    }

    private EndpointSlice hostSlice(String name) {
        return host.client()
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace(ACME.hostNamespace())
                .withName(NAMES.hostName("EndpointSlice", "default", name))
                .get();
    }

    private static List<String> addresses(EndpointSlice slice) {
        return slice.getEndpoints().stream()
                .flatMap(endpoint -> endpoint.getAddresses().stream())
                .toList();
    }

    private List<String> events(String kind, String name) {
        return acme.client().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getInvolvedObject().getKind().equals(kind)
                        && event.getInvolvedObject().getName().equals(name))
                .map(event -> event.getMessage())
                .toList();
    }

    private static void apply(KubernetesClient client, String manifests) {
        try (Stream<io.fabric8.kubernetes.api.model.HasMetadata> items =
                client
                        .load(new java.io.ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                        .items()
                        .stream()) {
            items.forEach(item -> client.resource(item).create());
        }
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
