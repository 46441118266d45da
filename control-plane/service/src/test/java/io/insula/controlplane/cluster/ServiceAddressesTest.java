package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncSettings;
import io.insula.syncer.engine.TenantAttachment;
import io.insula.syncer.engine.TenantId;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Two tenants' Services and the host's addresses, over real API servers and the real syncer.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServiceAddressesTest {

    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId GLOBEX = new TenantId("globex");
    private static final NameMap NAMES = new NameMap(ACME);

    private final ApplicationContext beans = ApplicationContext.run();
    private TestCluster host = unset();
    private TestCluster acme = unset();
    private TestCluster globex = unset();
    private SyncEngine engine = unset();

    @BeforeAll
    void start(@TempDir Path folder) {
        var components = beans.getBean(ServerComponents.class);
        host = new TestCluster("host", folder.resolve("host"), components, builder -> builder);
        for (var tenant : List.of(ACME, GLOBEX)) {
            host.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(tenant.hostNamespace())
                            .endMetadata()
                            .build())
                    .create();
        }
        acme = tenant(ACME, folder, components);
        globex = tenant(GLOBEX, folder, components);
        engine = SyncEngine.start(
                host.client(), Beans.syncers(), SyncSettings.DEFAULT.withScan(Duration.ofSeconds(1)), _ -> {});
        var profiles = TenantProfiles.only(Beans.profiles().settings("runc", Map.of("sandbox", "runc")));
        engine.attach(new TenantAttachment(ACME, acme.config(), 1, () -> profiles));
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
    void answersACreateWithTheHostsAddress() {
        var answer = create(acme, "web", "ports: [{port: 80}]");

        assertThat(answer.getSpec().getClusterIP()).startsWith("10.");
        assertThat(answer.getSpec().getClusterIPs())
                .containsExactly(answer.getSpec().getClusterIP());
        assertThat(answer.getSpec().getIpFamilies()).containsExactly("IPv4");
        assertThat(answer.getSpec().getIpFamilyPolicy()).isEqualTo("SingleStack");
        assertThat(onHost("web").orElseThrow().getSpec().getClusterIP())
                .isEqualTo(answer.getSpec().getClusterIP());
        await(
                "the syncer took the reservation up",
                () -> annotation("web", InsulaLabels.RESERVED).isEmpty());
        assertThat(onHost("web").orElseThrow().getSpec().getClusterIP())
                .isEqualTo(answer.getSpec().getClusterIP());
    }

    @Test
    void givesTheTenantsOwnApiServerAnAddressOfTheHosts() {
        var own = acme.client()
                .services()
                .inNamespace("default")
                .withName("kubernetes")
                .get();
        var others = globex.client()
                .services()
                .inNamespace("default")
                .withName("kubernetes")
                .get();

        assertThat(own.getSpec().getClusterIP()).startsWith("10.").isNotEqualTo("10.96.0.1");
        assertThat(others.getSpec().getClusterIP())
                .startsWith("10.")
                .isNotEqualTo(own.getSpec().getClusterIP());
        assertThat(onHost("kubernetes").orElseThrow().getSpec().getClusterIP())
                .isEqualTo(own.getSpec().getClusterIP());
    }

    @Test
    void grantsAWantedAddressAndRefusesItToEverybodyElse() {
        var granted = create(acme, "wanted", "clusterIP: 10.96.0.50, ports: [{port: 80}]");

        assertThat(granted.getSpec().getClusterIP()).isEqualTo("10.96.0.50");
        assertThatThrownBy(() -> create(globex, "thief", "clusterIP: 10.96.0.50, ports: [{port: 80}]"))
                .hasMessageContaining("Service \"thief\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.0.50\"]:"
                        + " failed to allocate IP 10.96.0.50: provided IP is already allocated");
        assertThatThrownBy(() -> create(acme, "far", "clusterIP: 192.168.0.1, ports: [{port: 80}]"))
                .hasMessageContaining("the provided IP (192.168.0.1) is not in the valid range");
        assertThatThrownBy(() -> create(acme, "apiserver", "clusterIP: 10.96.0.1, ports: [{port: 443}]"))
                .as("the host's own API server")
                .hasMessageContaining("provided IP is already allocated")
                .hasMessageNotContaining("insula-acme");
    }

    /// Whoever has a policy on the host may say anything in it.
    @Test
    void tellsNothingOfAnotherTenantInTheHostsRefusal() {
        var theirs = new NameMap(GLOBEX).hostName("Service", "default", "db");
        apply("""
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicy
                metadata: {name: talkative}
                spec:
                  matchConstraints:
                    resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [services], operations: [CREATE]}]
                  validations:
                    - expression: "!object.metadata.name.startsWith('spoken')"
                      reason: Invalid
                      message: collides with insula-globex/%s
                ---
                apiVersion: admissionregistration.k8s.io/v1
                kind: ValidatingAdmissionPolicyBinding
                metadata: {name: talkative}
                spec: {policyName: talkative, validationActions: [Deny]}
                """.formatted(theirs));
        await("the policy counts", () -> {
            try {
                acme.client()
                        .resource(parse("spoken", "ports: [{port: 80}]"))
                        .dryRun()
                        .create();
                return false;
            } catch (KubernetesClientException e) {
                return e.getCode() == 422;
            }
        });

        assertThatThrownBy(() -> create(acme, "spoken", "ports: [{port: 80}]"))
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getStatus().getDetails().getName()).isEqualTo("spoken");
                    assertThat(Serialization.asJson(e.getStatus()))
                            .contains("collides with another")
                            .doesNotContain("globex", theirs, "insula-acme", onHostName("spoken"));
                });
    }

    private static String onHostName(String name) {
        return NAMES.hostName("Service", "default", name);
    }

    private void apply(String manifests) {
        host.client()
                .load(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
                .items()
                .forEach(item -> host.client().resource(item).create());
    }

    @Test
    void sharesNodePortsWithNobody() {
        var first = create(acme, "outside", "type: NodePort, ports: [{port: 80}]");
        int port = first.getSpec().getPorts().getFirst().getNodePort();

        assertThat(port).isBetween(30_000, 32_767);
        assertThat(onHost("outside")
                        .orElseThrow()
                        .getSpec()
                        .getPorts()
                        .getFirst()
                        .getNodePort())
                .isEqualTo(port);
        assertThatThrownBy(() -> create(globex, "thief", "type: NodePort, ports: [{port: 80, nodePort: " + port + "}]"))
                .hasMessageContaining("Service \"thief\" is invalid: spec.ports[0].nodePort: Invalid value: " + port
                        + ": provided port is already allocated");
    }

    @Test
    void givesAPortThatIsAddedLaterItsNodePortInTheAnswer() {
        create(acme, "growing", "type: NodePort, ports: [{name: a, port: 80}]");

        var changed = acme.client()
                .services()
                .inNamespace("default")
                .withName("growing")
                .edit(service -> {
                    service.getSpec()
                            .setPorts(parse("growing", "ports: [{name: a, port: 80}, {name: b, port: 81}]")
                                    .getSpec()
                                    .getPorts());
                    return service;
                });

        int added = changed.getSpec().getPorts().get(1).getNodePort();
        assertThat(added).isBetween(30_000, 32_767);
        await(
                "the host agrees",
                () -> onHost("growing").orElseThrow().getSpec().getPorts().stream()
                        .anyMatch(port -> port.getPort() == 81 && port.getNodePort() == added));
    }

    @Test
    void reservesNothingForHeadlessAndExternalServicesOrDryRuns() {
        assertThat(create(acme, "headless", "clusterIP: None, ports: [{port: 80}]")
                        .getSpec()
                        .getClusterIP())
                .isEqualTo("None");
        assertThat(create(acme, "external", "type: ExternalName, externalName: example.com")
                        .getSpec()
                        .getClusterIP())
                .isNull();
        var dry = acme.client()
                .resource(parse("dry", "ports: [{port: 80}]"))
                .dryRun()
                .create();

        assertThat(dry.getSpec().getClusterIP()).startsWith("10.");
        assertThat(onHost("dry")).isEmpty();
        await("a name leads nowhere on the host", () -> leadsNowhere("external"));
        await(
                "a headless Service is on the host by the syncer",
                () -> onHost("headless")
                        .filter(service -> "None".equals(service.getSpec().getClusterIP()))
                        .isPresent());
    }

    @Test
    void keepsItsAddressWhenAServiceIsReplacedAtOnce() {
        for (int i = 0; i < 5; i++) {
            var made = create(acme, "replaced", "ports: [{port: 80}]");
            var uid = made.getMetadata().getUid();
            await(
                    "the host's is this one's",
                    () -> annotation("replaced", InsulaLabels.UID).equals(uid)
                            && annotation("replaced", InsulaLabels.RESERVED).isEmpty()
                            && onHost("replaced")
                                    .orElseThrow()
                                    .getSpec()
                                    .getClusterIP()
                                    .equals(made.getSpec().getClusterIP()));
            acme.client().services().inNamespace("default").withName("replaced").delete();
        }
        await("the last one goes", () -> onHost("replaced").isEmpty());
    }

    @Test
    void movesToAnotherAddressWhenAReplacementWantsOne() {
        create(acme, "moving", "ports: [{port: 80}]");
        await(
                "it is the syncer's",
                () -> annotation("moving", InsulaLabels.RESERVED).isEmpty());
        acme.client().services().inNamespace("default").withName("moving").delete();

        var moved = create(acme, "moving", "clusterIP: 10.96.0.60, ports: [{port: 80}]");

        assertThat(moved.getSpec().getClusterIP()).isEqualTo("10.96.0.60");
        await(
                "the host has the same",
                () -> onHost("moving")
                        .filter(service -> "10.96.0.60".equals(service.getSpec().getClusterIP()))
                        .isPresent());
    }

    @Test
    void givesAddressesBackWhoseServiceWasNeverStored() {
        var past = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-5));
        var ips = new HostClusterIps(NAMES, host.client(), acme.server()::client, past);
        var lost = Json.parse(Serialization.asJson(parse("lost", "type: ClusterIP, ports: [{port: 80}]"))
                .getBytes(StandardCharsets.UTF_8));

        ips.allocate(lost, "", false);

        await("the syncer removes it", () -> onHost("lost").isEmpty());
    }

    @Test
    void givesItsAddressBackWhenAServiceBecomesAName() {
        create(acme, "leaving", "ports: [{port: 80}]");
        acme.client().services().inNamespace("default").withName("leaving").edit(service -> {
            service.getSpec().setType("ExternalName");
            service.getSpec().setExternalName("example.com");
            service.getSpec().setClusterIP(null);
            service.getSpec().setClusterIPs(List.of());
            return service;
        });

        await("the host's has none either", () -> leadsNowhere("leaving"));
    }

    private boolean leadsNowhere(String name) {
        return onHost(name)
                .map(Service::getSpec)
                .filter(spec -> "ExternalName".equals(spec.getType())
                        && "insula.invalid".equals(spec.getExternalName())
                        && Objects.requireNonNullElse(spec.getClusterIP(), "").isEmpty())
                .isPresent();
    }

    @Test
    void takesOverNoAddressByExternalIps() {
        assertThatThrownBy(() -> create(acme, "greedy", "externalIPs: [10.96.0.1], ports: [{port: 443}]"))
                .hasMessageContaining("spec.externalIPs: Forbidden");
    }

    private TestCluster tenant(TenantId id, Path folder, ServerComponents components) {
        return new TestCluster(
                id.value(),
                folder.resolve(id.value()),
                components,
                builder -> builder.clusterIps(
                                own -> new HostClusterIps(new NameMap(id), host.client(), own, Clock.systemUTC()))
                        .plugins(List.of(new ServiceAdmission())));
    }

    private static Service create(TestCluster tenant, String name, String spec) {
        return tenant.client().resource(parse(name, spec)).create();
    }

    private static Service parse(String name, String spec) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Service\nmetadata: {name: " + name + ", namespace: default}\nspec: {" + spec
                        + "}",
                Service.class);
    }

    private Optional<Service> onHost(String name) {
        return Optional.ofNullable(host.client()
                .services()
                .inNamespace(ACME.hostNamespace())
                .withName(NAMES.hostName("Service", "default", name))
                .get());
    }

    private String annotation(String name, String key) {
        return onHost(name)
                .map(service -> service.getMetadata().getAnnotations().getOrDefault(key, ""))
                .orElse("");
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
