package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.cluster.TestHost;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.TenantProfiles;
import io.insula.reconcile.Outcome.Settled;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.kinds.Beans;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.server.ServerComponents;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// A host with a tenant's namespace, and somebody who has the syncer's own credential and writes straight to it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WalledHost {

    static final String NAMESPACE = "insula-acme";
    static final String ENFORCE = "pod-security.kubernetes.io/enforce";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    final ApplicationContext beans = ApplicationContext.run();
    TestHost host = unset();
    KubernetesClient controlPlane = unset();
    KubernetesClient stolen = unset();
    HostNamespaces namespaces = unset();

    /// With everything that a profile can bound.
    private static final Map<String, Object> BOUNDED = Map.of(
            "sandbox",
            "runc",
            "pidsLimit",
            100,
            "allowed",
            Map.of("hostPorts", List.of(Map.of("min", 8000, "max", 8010))),
            "limitRange",
            Map.of(
                    "container", Map.of("max", Map.of("cpu", "1")),
                    "pod", Map.of("max", Map.of("cpu", "1500m"))));

    /// Profiles as a superuser may write them, by name.
    static final Map<String, Map<String, Object>> PROFILES = Map.of(
            "runc", Map.of("sandbox", "runc"),
            "loose-runc", Map.of("sandbox", "runc", "podSecurity", "privileged"),
            "strict", Map.of("sandbox", "runc", "podSecurity", "restricted", "userNamespaces", true),
            "burstable", Map.of("sandbox", "runc", "resources", Map.of("mode", "burstable", "maxRatio", 2)),
            "gvisor", Map.of("sandbox", "gvisor"),
            "kept", Map.of("sandbox", "runc"),
            "bounded", BOUNDED,
            "loose-gvisor", Map.of("sandbox", "gvisor", "podSecurity", "privileged"),
            "loose-kata",
                    Map.of(
                            "sandbox", "kata",
                            "podSecurity", "privileged",
                            "nodePool",
                                    Map.of(
                                            "selector", Map.of("insula.io/node-pool", "bare-metal"),
                                            "tolerations", List.of(Map.of("key", "pool", "operator", "Exists")))),
            "machines", Map.of("sandbox", "kubevirt", "podSecurity", "privileged"));

    @BeforeAll
    void start(@TempDir Path folder) {
        host = host(folder);
        controlPlane = ControlPlaneUser.of(host);
        new HostSetup(controlPlane, Beans.profiles()).install();
        new HostSetup(host.client(), Beans.profiles()).installRuntimes();
        namespaces = new HostNamespaces(controlPlane, Beans.profiles());
        stolen = new KubernetesClientBuilder()
                .withConfig(host.config(InsulaLabels.SYNCER, List.of()))
                .build();
        assertThat(namespaces.ensure(
                        tenant("acme"),
                        () -> choice(
                                "runc",
                                "loose-runc",
                                "strict",
                                "burstable",
                                "gvisor",
                                "loose-gvisor",
                                "loose-kata",
                                "machines")))
                .isInstanceOf(Settled.class);
        awaitReady(NAMESPACE);
        host.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("other")
                        .withNamespace(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
    }

    /// A host with controllers.
    TestHost host(Path folder) {
        return new TestCluster("host", folder, beans.getBean(ServerComponents.class), builder -> builder)
                .withControllers(beans.getBean(ControllerManagers.class));
    }

    @AfterAll
    void stop() {
        stolen.close();
        controlPlane.close();
        host.close();
        beans.close();
    }

    void makeNamespace(String name) {
        host.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    static Pod named(Pod pod, String name) {
        pod.getMetadata().setName(name);
        return pod;
    }

    void createIn(String namespace, Pod pod) {
        stolen.resource(pod).inNamespace(namespace).create();
    }

    void awaitQuota(String namespace, String name) {
        await(name + " counts", () -> {
            var quota = host.client()
                    .resourceQuotas()
                    .inNamespace(namespace)
                    .withName(name)
                    .get();
            return quota != null
                    && quota.getStatus() != null
                    && quota.getStatus().getHard() != null
                    && quota.getStatus().getHard().equals(quota.getSpec().getHard());
        });
    }

    static HasMetadata secret(String name, Map<String, String> data) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withStringData(data)
                .build();
    }

    static HasMetadata configMap(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .build();
    }

    void create(KubernetesClient client, HasMetadata object, boolean dryRun) {
        client.resource(object).inNamespace(NAMESPACE).dryRun(dryRun).create();
    }

    /// What the translation makes of a plain pod.
    static Pod hostPod(String profile) {
        var tenant = Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web-x-shop, annotations: {insula.io/profile: %s}}
                spec:
                  automountServiceAccountToken: false
                  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
                  containers:
                    - name: c
                      image: i
                      resources: {requests: {cpu: 300m, memory: 64Mi}}
                      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
                """.formatted(profile), Pod.class);
        var answer = Beans.profiles().translate(tenant, TenantProfiles.only(settings(profile)));
        return ((HostPod) answer.workload()).pod();
    }

    static ProfileSettings settings(String profile) {
        return Beans.profiles().settings(profile, PROFILES.getOrDefault(profile, Map.of()));
    }

    static ProfileSource.Choice choice(String standard, String... allowed) {
        return new ProfileSource.Choice(
                new ProfileSource.Profile(standard, PROFILES.getOrDefault(standard, Map.of())),
                Stream.of(allowed)
                        .map(name -> new ProfileSource.Profile(name, PROFILES.getOrDefault(name, Map.of())))
                        .toList());
    }

    static Tenant tenant(String name) {
        var tenant = new Tenant();
        tenant.getMetadata().setName(name);
        tenant.getMetadata().setUid("0d9f3c5e-" + name);
        return tenant;
    }

    /// Objects are merged; lists take the place of lists, but for what each container must have.
    static String merged(String json, String patch) {
        try {
            var tree = (ObjectNode) Json.MAPPER.readTree(json);
            merge(tree, Serialization.unmarshal("# YAML\n" + patch, ObjectNode.class));
            return tree.toString();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void merge(ObjectNode into, JsonNode patch) {
        patch.properties().forEach(field -> {
            var known = into.get(field.getKey());
            if (known instanceof ObjectNode object && field.getValue().isObject()) {
                if (field.getKey().equals("resources")) {
                    into.set(field.getKey(), field.getValue());
                } else {
                    merge(object, field.getValue());
                }
            } else if (field.getKey().equals("containers") && known != null) {
                merge((ObjectNode) known.get(0), field.getValue().get(0));
            } else {
                into.set(field.getKey(), field.getValue());
            }
        });
    }

    void awaitReady(String namespace) {
        await(namespace + " can take pods", () -> {
            var quota = host.client()
                    .resourceQuotas()
                    .inNamespace(namespace)
                    .withName("insula")
                    .get();
            return host.client()
                                    .serviceAccounts()
                                    .inNamespace(namespace)
                                    .withName("default")
                                    .get()
                            != null
                    && quota.getStatus() != null
                    && quota.getStatus().getUsed() != null
                    // kinds of definitions that are new are found after a while
                    && quota.getStatus()
                            .getUsed()
                            .keySet()
                            .equals(quota.getSpec().getHard().keySet());
        });
    }

    static void await(String what, BooleanSupplier condition) {
        var deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before the first test
    static <T> T unset() {
        return null;
    }
}
