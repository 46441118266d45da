package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.controlplane.cluster.TestCluster;
import io.insula.controlplane.cluster.TestHost;
import io.insula.controlplane.host.ControlPlaneUser;
import io.insula.controlplane.host.HostSetup;
import io.insula.isolation.HostWorkload.HostPod;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Somebody has the syncer's own credential and writes straight to the host.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostWallsTest {

    private static final String NAMESPACE = "insula-acme";
    private static final String ENFORCE = "pod-security.kubernetes.io/enforce";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final ApplicationContext beans = ApplicationContext.run();
    private TestHost host = unset();
    private KubernetesClient controlPlane = unset();
    private KubernetesClient stolen = unset();
    private HostNamespaces namespaces = unset();

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
    private static final Map<String, Map<String, Object>> PROFILES = Map.of(
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

    record Attack(String profile, String name, String patch, String told) {
        @Override
        public String toString() {
            return profile + ": " + name;
        }
    }

    static Stream<Attack> attacks() {
        return Stream.of("loose-runc", "loose-gvisor", "loose-kata", "strict", "burstable")
                .flatMap(HostWallsTest::attacks);
    }

    private static Stream<Attack> attacks(String profile) {
        return Stream.of(
                attack(profile, "the node's network", "{spec: {hostNetwork: true}}", "hostNetwork"),
                attack(profile, "the node's processes", "{spec: {hostPID: true}}", "hostPID"),
                attack(profile, "the node's memory", "{spec: {hostIPC: true}}", "hostIPC"),
                attack(profile, "a node", "{spec: {nodeName: n1}}", "spec.nodeName"),
                attack(profile, "a scheduler", "{spec: {schedulerName: mine}}", "spec.schedulerName"),
                attack(profile, "a runtime", "{spec: {runtimeClassName: other}}", "RuntimeClass"),
                attack(profile, "a weaker sandbox", weaker(profile), "spec.runtimeClassName"),
                attack(profile, "an account", "{spec: {serviceAccountName: other}}", "spec.serviceAccountName"),
                attack(
                        profile,
                        "the host's token",
                        "{spec: {automountServiceAccountToken: true}}",
                        "spec.automountServiceAccountToken"),
                attack(
                        profile,
                        "a token of the host by volume",
                        "{spec: {volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}]}}",
                        "spec.volumes.projected.sources"),
                attack(
                        profile,
                        "the host's trust",
                        "{spec: {volumes: [{name: v, projected: {sources: [{clusterTrustBundle: {name: x, path: p}}]}}]}}",
                        "spec.volumes.projected.sources"),
                attack(profile, "files", "{spec: {volumes: [{name: v, hostPath: {path: /}}]}}", "hostPath"),
                attack(profile, "a filer", "{spec: {volumes: [{name: v, nfs: {server: s, path: /}}]}}", "nfs"),
                attack(profile, "a driver", "{spec: {volumes: [{name: v, csi: {driver: d}}]}}", "csi"),
                attack(
                        profile,
                        "somebody's volume",
                        "{spec: {volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {volumeName: theirs, "
                                + "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]}}",
                        "volumeName"),
                attack(profile, "every taint", "{spec: {tolerations: [{operator: Exists}]}}", "spec.tolerations"),
                attack(
                        profile,
                        "the nodes of others",
                        "{spec: {tolerations: [{key: dedicated, operator: Exists}]}}",
                        "spec.tolerations"),
                attack(
                        profile,
                        "devices",
                        "{spec: {resourceClaims: [{name: d, resourceClaimName: x}]}}",
                        "resourceClaims"),
                attack(profile, "to come first", "{spec: {priorityClassName: system-node-critical}}", "priorityClass"),
                container(profile, "privileged", "securityContext: {privileged: true}", "privileged"),
                container(profile, "the node's /proc", "securityContext: {procMount: Unmasked}", "procMount"),
                container(profile, "a port of the node", "ports: [{containerPort: 1, hostPort: 22}]", "hostPort"),
                container(profile, "no limits", "resources: {}", "resources"),
                container(
                        profile,
                        "a limit of nothing",
                        "resources: {limits: {cpu: '0', memory: '0'}, requests: {cpu: '0', memory: '0'}}",
                        "resources.limits"),
                container(
                        profile,
                        "more than it reserves",
                        "resources: {limits: {cpu: '4', memory: 4Gi}, requests: {cpu: '1', memory: 1Gi}}",
                        "resources.requests"),
                attack(
                        profile,
                        "privileged while starting",
                        "{spec: {initContainers: [{name: x, image: i, securityContext: {privileged: true}}]}}",
                        "privileged"),
                attack(
                        profile,
                        "a profile that is not the tenant's",
                        "{metadata: {annotations: {insula.io/profile: kubevirt}}}",
                        "no isolation profile of this tenant"),
                attack(profile, "no profile", "{metadata: {annotations: {insula.io/profile: ''}}}", "profile"),
                attack(
                        profile,
                        "the hypervisor's ear",
                        "{metadata: {annotations: {io.katacontainers.config.hypervisor.path: /bin/sh}}}",
                        "metadata.annotations"));
    }

    static Stream<Attack> standards() {
        return Stream.of("loose-runc", "strict", "gvisor", "burstable")
                .flatMap(profile -> Stream.of(
                        container(
                                profile,
                                "capabilities",
                                "securityContext: {capabilities: {add: [SYS_ADMIN]}}",
                                "capabilities.add"),
                        container(
                                profile,
                                "unconfined system calls",
                                "securityContext: {seccompProfile: {type: Unconfined}}",
                                "seccompProfile"),
                        container(
                                profile,
                                "an unconfined process",
                                "securityContext: {appArmorProfile: {type: Unconfined}}",
                                "appArmorProfile"),
                        container(
                                profile,
                                "an SELinux type",
                                "securityContext: {seLinuxOptions: {type: spc_t}}",
                                "seLinuxOptions"),
                        attack(
                                profile,
                                "a setting of the kernel",
                                "{spec: {securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}}}",
                                "sysctls"),
                        container(
                                profile,
                                "a probe of the node",
                                "livenessProbe: {httpGet: {host: 127.0.0.1, port: 10250}}",
                                "probes")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"attacks", "standards"})
    void refusesAPodOfTheSyncersOwnCredential(Attack attack) {
        Pod good = hostPod(attack.profile());
        assertThatCode(() -> create(stolen, good, true)).doesNotThrowAnyException();
        Pod bad = Serialization.unmarshal(merged(Serialization.asJson(good), attack.patch()), Pod.class);

        assertThatThrownBy(() -> create(stolen, bad, false))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isIn(403, 422))
                // upstream writes some of the words in capitals
                .message()
                .containsIgnoringCase(attack.told());
        assertThatThrownBy(() -> create(host.client(), bad, false))
                .as("by anybody")
                .isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void refusesToTheSyncerWhatIsNoTenants() {
        makeNamespace("others");
        for (var namespace : List.of("kube-system", "default", "others")) {
            for (var object : List.of(hostPod("runc"), secret("s", Map.of()), configMap("c"))) {
                assertThatThrownBy(() ->
                                stolen.resource(object).inNamespace(namespace).create())
                        .as(object.getKind() + " in " + namespace)
                        .isInstanceOfSatisfying(
                                KubernetesClientException.class,
                                e -> assertThat(e.getCode()).isEqualTo(403));
            }
            assertThatThrownBy(() -> stolen.namespaces().withName(namespace).edit(HostWallsTest::opened))
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isEqualTo(403));
        }
    }

    /// Every kind that the host serves: Secrets first of all, but the environment of a pod, an event or a ConfigMap may
    /// tell as much.
    @Test
    void showsTheSyncerNothingThatIsNoTenants() {
        makeNamespace("not-tenants");
        host.client()
                .resource(secret("password", Map.of("p", "w")))
                .inNamespace("not-tenants")
                .create();
        assertThat(stolen.secrets().inNamespace(NAMESPACE).list().getItems())
                .as("a tenant's")
                .isNotNull();

        var namespaced = served().filter(Served::namespaced).toList();
        assertThat(namespaced)
                .extracting(Served::name)
                .contains("secrets", "configmaps", "pods", "events", "serviceaccounts");
        for (var kind : namespaced) {
            for (var namespace : List.of("", "kube-system", "default", "kube-public", "not-tenants")) {
                // the host says there where its API server is
                if (!namespace.equals("default") || !kind.name().equals("endpointslices")) {
                    assertHidden(kind.path(namespace));
                }
                assertHidden(kind.path(namespace) + "?watch=true&timeoutSeconds=1");
            }
        }
        assertHidden("/api/v1/namespaces/not-tenants/secrets/password");
        assertThat(served().filter(kind -> !kind.namespaced())
                        .filter(kind -> isReadable(kind.path("")))
                        .map(Served::name))
                .as("of no namespace")
                .containsExactlyInAnyOrder(
                        "nodes",
                        "persistentvolumes",
                        "servicecidrs",
                        "runtimeclasses",
                        "storageclasses",
                        "ingressclasses",
                        "ingresshosts");
    }

    /// A kind that can be listed.
    private record Served(String version, String name, boolean namespaced) {
        String path(String namespace) {
            return (version.contains("/") ? "/apis/" : "/api/") + version
                    + (namespace.isEmpty() ? "" : "/namespaces/" + namespace) + "/" + name;
        }
    }

    private Stream<Served> served() {
        var groups = host.client().getApiGroups().getGroups().stream()
                .flatMap(group -> group.getVersions().stream())
                .map(version -> version.getGroupVersion());
        return Stream.concat(Stream.of("v1"), groups)
                .flatMap(version -> host.client().getApiResources(version).getResources().stream()
                        .filter(resource -> resource.getVerbs().contains("list"))
                        .map(resource -> new Served(version, resource.getName(), resource.getNamespaced())));
    }

    private void assertHidden(String path) {
        assertThatThrownBy(() -> stolen.raw(path))
                .as(path)
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
    }

    private boolean isReadable(String path) {
        try {
            return stolen.raw(path) != null;
        } catch (KubernetesClientException e) {
            assertThat(e.getCode()).as(path).isEqualTo(403);
            return false;
        }
    }

    private void makeNamespace(String name) {
        host.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
    }

    @Test
    void refusesToTheSyncerItsOwnWalls() {
        assertThatThrownBy(() -> patchNamespace("{metadata: {labels: {" + ENFORCE + "-version: v1.0}}}"))
                .hasMessageContaining("metadata.labels");
        assertThatThrownBy(() -> patchNamespace("{metadata: {labels: {insula.io/tenant: null}}}"))
                .hasMessageContaining("metadata.labels");
        assertThatThrownBy(() -> patchNamespace("{metadata: {annotations: {insula.io/profiles: 'runc,mine'}}}"))
                .hasMessageContaining("metadata.annotations");
        assertThatCode(() -> patchNamespace("{metadata: {annotations: {insula.io/cluster-uid: abc}}}"))
                .as("what it notes of the tenant")
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> stolen.resourceQuotas()
                        .inNamespace(NAMESPACE)
                        .withName("insula")
                        .delete())
                .isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void refusesToTheSyncerATokenOfTheHostAndOthersTraffic() {
        assertThatThrownBy(() -> create(stolen, Serialization.unmarshal("""
                        apiVersion: v1
                        kind: Secret
                        type: kubernetes.io/service-account-token
                        metadata: {name: token, annotations: {kubernetes.io/service-account.name: default}}
                        """, Secret.class), false))
                .hasMessageContaining("type");
        assertThatThrownBy(() -> create(stolen, Serialization.unmarshal("""
                        apiVersion: v1
                        kind: Service
                        metadata: {name: theirs}
                        spec: {ports: [{port: 53}], externalIPs: [8.8.8.8]}
                        """, Service.class), false))
                .hasMessageContaining("externalIPs");
        assertThatThrownBy(() -> create(stolen, Serialization.unmarshal("""
                        apiVersion: v1
                        kind: PersistentVolumeClaim
                        metadata: {name: theirs}
                        spec:
                          accessModes: [ReadWriteOnce]
                          volumeName: theirs
                          resources: {requests: {storage: 1Gi}}
                        """, PersistentVolumeClaim.class), false))
                .hasMessageContaining("volumeName");
    }

    @Test
    void refusesRoutesThatAreEverybodysAndWordsToTheHostsControllers() {
        assertThatCode(() -> create(stolen, ingress("{}"), true)).doesNotThrowAnyException();
        Map.of(
                        "{metadata: {annotations: {nginx.ingress.kubernetes.io/configuration-snippet: x}}}",
                        "metadata.annotations",
                        "{metadata: {annotations: {nginx.ingress.kubernetes.io/auth-url: 'http://169.254.169.254'}}}",
                        "metadata.annotations",
                        "{spec: {defaultBackend: {service: {name: s, port: {number: 80}}}}}",
                        "spec.defaultBackend",
                        "{spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: "
                                + "{service: {name: s, port: {number: 80}}}}]}}], tls: null}}",
                        "spec.rules",
                        "{spec: {rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: "
                                + "{resource: {kind: Bucket, name: x}}}]}}]}}",
                        "spec.rules",
                        "{spec: {tls: [{secretName: t}]}}",
                        "spec.tls",
                        "{spec: {tls: [{secretName: t, hosts: [b.example.com]}]}}",
                        "spec.tls")
                .forEach((patch, told) -> assertThatThrownBy(() -> create(stolen, ingress(patch), false))
                        .as(patch)
                        .hasMessageContaining(told));
        assertThatCode(() -> host.client()
                        .resource(ingress("{metadata: {annotations: {acme.cert-manager.io/note: x}}}"))
                        .inNamespace(NAMESPACE)
                        .dryRun(true)
                        .create())
                .as("the host's own controllers note what they like")
                .doesNotThrowAnyException();
    }

    private static Ingress ingress(String patch) {
        return Serialization.unmarshal(
                merged(
                        "{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"web\"},"
                                + "\"spec\":{\"rules\":[{\"host\":\"a.example.com\",\"http\":{\"paths\":[{\"path\":\"/\","
                                + "\"pathType\":\"Prefix\",\"backend\":{\"service\":{\"name\":\"s\",\"port\":{\"number\":80}}}}]}}],"
                                + "\"tls\":[{\"hosts\":[\"a.example.com\"],\"secretName\":\"t\"}]}}",
                        patch),
                Ingress.class);
    }

    @Test
    void refusesMachinesThatReachTheNode() {
        assertThatCode(() -> create(stolen, machine("{}"), true)).doesNotThrowAnyException();
        for (var patch : List.of(
                "{spec: {volumes: [{name: v, hostDisk: {path: /dev/sda, type: Disk}}]}}",
                "{spec: {volumes: [{name: v, serviceAccount: {serviceAccountName: default}}]}}",
                "{spec: {domain: {devices: {hostDevices: [{name: d, deviceName: x}]}}}}",
                "{spec: {domain: {devices: {gpus: [{name: d, deviceName: x}]}}}}",
                "{spec: {domain: {devices: {filesystems: [{name: f, virtiofs: {}}]}}}}",
                "{spec: {networks: [{name: n, multus: {networkName: x}}]}}",
                "{spec: {domain: {devices: {interfaces: [{name: n, bridge: {}}]}}}}",
                "{spec: {tolerations: [{operator: Exists}]}}",
                "{spec: {domain: {resources: {}}}}",
                "{metadata: {annotations: {insula.io/profile: runc}}}",
                "{metadata: {annotations: {insula.io/profile: kubevirt}}}")) {
            assertThatThrownBy(() -> create(stolen, machine(patch), false))
                    .as(patch)
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isIn(403, 422));
        }
    }

    @Test
    void takesNothingMoreThanTheTenantsQuota() {
        var small = tenant("small");
        var limits = TenantLimits.of(Map.of("pods", 1, "services.nodeports", "1"), List.of());
        assertThat(namespaces.ensure(
                        small,
                        () -> new ProfileSource.Choice(
                                new ProfileSource.Profile("runc", PROFILES.getOrDefault("runc", Map.of())),
                                List.of(),
                                limits)))
                .isInstanceOf(Settled.class);
        awaitReady("insula-small");
        stolen.resource(hostPod("runc")).inNamespace("insula-small").create();

        var second = hostPod("runc");
        second.getMetadata().setName("second");
        assertThatThrownBy(() ->
                        stolen.resource(second).inNamespace("insula-small").create())
                .hasMessageContaining("exceeded quota: insula, requested: ")
                .hasMessageContaining("pods=1");
    }

    /// Each profile's pods by themselves, though all are in one namespace.
    @Test
    void takesNothingMoreThanTheQuotaOfEachProfile() {
        var few = Map.<String, Object>of("sandbox", "runc", "quota", Map.of("pods", 1));
        var cpu = Map.<String, Object>of("sandbox", "gvisor", "quota", Map.of("limits.cpu", "500m"));
        assertThat(namespaces.ensure(
                        tenant("divided"),
                        () -> new ProfileSource.Choice(
                                new ProfileSource.Profile("strict", PROFILES.getOrDefault("strict", Map.of())),
                                List.of(
                                        new ProfileSource.Profile("runc", few),
                                        new ProfileSource.Profile("gvisor", cpu)))))
                .isInstanceOf(Settled.class);
        awaitReady("insula-divided");
        awaitQuota("insula-divided", "insula-profile-runc");
        awaitQuota("insula-divided", "insula-profile-gvisor");
        for (var profile : List.of("runc", "gvisor", "strict")) {
            createIn("insula-divided", named(hostPod(profile), profile + "-1"));
        }

        assertThatThrownBy(() -> createIn("insula-divided", named(hostPod("runc"), "runc-2")))
                .hasMessageContaining("exceeded quota: insula-profile-runc, requested: pods=1");
        assertThatThrownBy(() -> createIn("insula-divided", named(hostPod("gvisor"), "gvisor-2")))
                .hasMessageContaining("exceeded quota: insula-profile-gvisor, requested: limits.cpu=400m");
        var disguised = named(hostPod("runc"), "runc-3");
        disguised.getSpec().setPriorityClassName(settings("strict").priorityClassName());
        assertThatThrownBy(() -> createIn("insula-divided", disguised))
                .as("counted as another profile's")
                .hasMessageContaining("spec.priorityClassName: must be");
        assertThatCode(() -> createIn("insula-divided", named(hostPod("strict"), "strict-2")))
                .as("of a profile without a quota")
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> stolen.resource(priorityClass("mine")).create())
                .as("a class of its own")
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(403));
    }

    @Test
    void takesAwayTheQuotaOfAProfileThatHasNoneAnyMore() {
        var few = new ProfileSource.Profile("runc", Map.of("sandbox", "runc", "quota", Map.of("pods", 1)));
        namespaces.ensure(tenant("freed"), () -> new ProfileSource.Choice(few, List.of()));
        var quotas = host.client().resourceQuotas().inNamespace("insula-freed");
        assertThat(quotas.withName("insula-profile-runc").get()).isNotNull();

        namespaces.ensure(tenant("freed"), () -> choice("runc"));

        assertThat(quotas.list().getItems())
                .extracting(quota -> quota.getMetadata().getName())
                .containsExactly("insula");
    }

    @Test
    void keepsTheBoundsOfAProfile() {
        var namespace = "insula-bounded";
        assertThat(namespaces.ensure(tenant("bounded"), () -> choice("bounded")))
                .isInstanceOf(Settled.class);
        awaitReady(namespace);
        createIn(namespace, bounded("good", "{}"));
        createIn(
                namespace,
                bounded(
                        "open",
                        "{spec: {containers: [{ports: [{containerPort: 80, hostPort: 8000, protocol: TCP}]}]}}"));

        Map.of(
                        "{metadata: {annotations: {insula.io/pids-limit: null}}}",
                        "insula.io/pids-limit]: must be \"100\"",
                        "{metadata: {annotations: {insula.io/pids-limit: '4000'}}}",
                        "insula.io/pids-limit]: must be",
                        "{spec: {containers: [{ports: [{containerPort: 80, hostPort: 22}]}]}}",
                        "only these ports of the node",
                        "{spec: {containers: [{ports: [{containerPort: 80, hostPort: 8000, hostIP: 127.0.0.1}]}]}}",
                        "the node's addresses are shared",
                        "{spec: {hostNetwork: true}}",
                        "spec.hostNetwork",
                        "{spec: {containers: [{securityContext: {privileged: true}}]}}",
                        "privileged",
                        "{spec: {containers: [{resources: {limits: {cpu: 1001m, memory: 64Mi}, requests: {cpu: 1001m, memory: 64Mi}}}]}}",
                        "maximum cpu usage per Container is 1",
                        "{spec: {initContainers: [{name: s, image: i, restartPolicy: Always, "
                                + "resources: {limits: {cpu: '1', memory: 64Mi}, requests: {cpu: '1', memory: 64Mi}}}, {name: t, image: i, "
                                + "restartPolicy: Always, resources: {limits: {cpu: '1', memory: 64Mi}, requests: {cpu: '1', memory: 64Mi}}}]}}",
                        "maximum cpu usage per Pod is 1500m")
                .forEach((patch, told) -> assertThatThrownBy(() -> createIn(namespace, bounded("bad", patch)))
                        .as(patch)
                        .hasMessageContaining(told));
        assertThatThrownBy(() -> stolen.pods()
                        .inNamespace(namespace)
                        .withName("good")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"metadata\":{\"annotations\":{\"insula.io/pids-limit\":\"4000\"}}}"))
                .as("of one that runs")
                .hasMessageContaining("insula.io/pids-limit]: must be");
    }

    /// As the syncer completes it.
    private static Pod bounded(String name, String patch) {
        var good = named(hostPod("bounded"), name);
        good.getMetadata().setAnnotations(Map.of("insula.io/profile", "bounded", "insula.io/pids-limit", "100"));
        return Serialization.unmarshal(merged(Serialization.asJson(good), patch), Pod.class);
    }

    @Test
    void keepsTheLimitRangeWhileAProfileHasOne() {
        namespaces.ensure(tenant("ranged"), () -> choice("bounded"));
        var ranges = host.client().limitRanges().inNamespace("insula-ranged");
        var before = ranges.withName("insula").get();
        assertThat(before.getSpec().getLimits()).hasSize(2);
        assertThatThrownBy(() -> stolen.limitRanges()
                        .inNamespace("insula-ranged")
                        .withName("insula")
                        .delete())
                .isInstanceOf(KubernetesClientException.class);

        namespaces.ensure(tenant("ranged"), () -> choice("bounded"));
        assertThat(ranges.withName("insula").get().getMetadata().getResourceVersion())
                .as("what stands is not written again")
                .isEqualTo(before.getMetadata().getResourceVersion());
        ranges.withName("insula").edit(range -> {
            range.getSpec().getLimits().removeLast();
            return range;
        });
        namespaces.ensure(tenant("ranged"), () -> choice("bounded"));
        assertThat(ranges.withName("insula").get().getSpec()).isEqualTo(before.getSpec());

        namespaces.ensure(tenant("ranged"), () -> choice("bounded", "runc"));
        assertThat(ranges.list().getItems()).as("runc has none").isEmpty();
    }

    /// Tenants' pods are neither more nor less than those that name no class.
    @Test
    void givesEveryProfileThePriorityOfTheHostsDefault() {
        var classes = host.client().resources(PriorityClass.class);
        var standard = priorityClass("usual");
        standard.setGlobalDefault(true);
        standard.setValue(100);
        host.client().resource(standard).create();
        namespaces.policies().lookAgain();
        namespaces.ensure(tenant("ranked"), () -> choice("kept"));

        assertThat(classes.withName("insula-profile-kept").get().getValue()).isEqualTo(100);
        classes.withName("usual").delete();
        namespaces.policies().lookAgain();
        namespaces.ensure(tenant("ranked"), () -> choice("kept"));

        assertThat(classes.withName("insula-profile-kept").get().getValue()).isZero();
    }

    /// Who comes first on the host is said by the profile, and what comes first counts for its quota all the same.
    @Test
    void givesPrioritiesThatCountForTheQuota() {
        host.client().resource(priorityClass("urgent")).create();
        var never = priorityClass("patient");
        never.setPreemptionPolicy("Never");
        host.client().resource(never).create();
        var profile = Map.<String, Object>of(
                "sandbox",
                "runc",
                "quota",
                Map.of("pods", 2),
                "priorityClasses",
                Map.of("allowed", List.of(Map.of("host", "urgent"), Map.of("host", "patient"))));
        var other = Map.<String, Object>of(
                "sandbox", "gvisor", "priorityClasses", Map.of("allowed", List.of(Map.of("host", "urgent"))));
        var both = new ProfileSource.Choice(
                new ProfileSource.Profile("first", profile), List.of(new ProfileSource.Profile("second", other)));
        namespaces.policies().lookAgain();
        assertThat(namespaces.ensure(tenant("hasty"), () -> both)).isInstanceOf(Settled.class);
        awaitReady("insula-hasty");
        awaitQuota("insula-hasty", "insula-profile-first");
        var classes = host.client().resources(PriorityClass.class);
        assertThat(classes.withName("insula-priority-first.urgent").get())
                .satisfies(each -> assertThat(each.getValue()).isEqualTo(1000))
                .satisfies(each -> assertThat(each.getPreemptionPolicy()).isEqualTo("PreemptLowerPriority"));
        assertThat(classes.withName("insula-priority-first.patient").get().getPreemptionPolicy())
                .isEqualTo("Never");

        for (var stolenFrom : List.of(
                "urgent",
                "patient",
                "insula-priority-second.urgent",
                "insula-profile-second",
                "system-node-critical")) {
            assertThatThrownBy(() -> createIn("insula-hasty", first("bad", stolenFrom)))
                    .as(stolenFrom)
                    .hasMessageContaining("spec.priorityClassName: must be");
        }
        createIn("insula-hasty", first("urgent", "insula-priority-first.urgent"));
        createIn("insula-hasty", first("usual", "insula-profile-first"));
        assertThatThrownBy(() -> createIn("insula-hasty", first("patient", "insula-priority-first.patient")))
                .as("by another class than the others")
                .hasMessageContaining("exceeded quota: insula-profile-first, requested: pods=1");

        // what it does not give any more still runs
        var without = new ProfileSource.Choice(
                new ProfileSource.Profile("first", Map.of("sandbox", "runc", "quota", Map.of("pods", 2))), List.of());
        namespaces.ensure(tenant("hasty"), () -> without);
        awaitQuota("insula-hasty", "insula-profile-first");
        assertThatThrownBy(() -> createIn("insula-hasty", first("bad", "insula-priority-first.urgent")))
                .hasMessageContaining("spec.priorityClassName: must be \"insula-profile-first\"");
        assertThatThrownBy(() -> createIn("insula-hasty", first("third", "insula-profile-first")))
                .hasMessageContaining("exceeded quota: insula-profile-first");

        // nothing is like what is not there
        classes.withName("urgent").delete();
        namespaces.policies().lookAgain();
        namespaces.ensure(tenant("hasty"), () -> both);
        assertThat(classes.withName("insula-priority-first.urgent").get()).isNull();
        assertThat(classes.withName("insula-priority-first.patient").get()).isNotNull();
    }

    private static Pod first(String name, String priorityClass) {
        var pod = named(hostPod("runc"), name);
        pod.getMetadata().setAnnotations(Map.of("insula.io/profile", "first"));
        pod.getSpec().setPriorityClassName(priorityClass);
        return pod;
    }

    private static PriorityClass priorityClass(String name) {
        return new PriorityClassBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withValue(1000)
                .build();
    }

    private static Pod named(Pod pod, String name) {
        pod.getMetadata().setName(name);
        return pod;
    }

    private void createIn(String namespace, Pod pod) {
        stolen.resource(pod).inNamespace(namespace).create();
    }

    private void awaitQuota(String namespace, String name) {
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

    @Test
    void putsRightWhatIsChangedByHand() {
        namespaces.ensure(tenant("kept"), () -> choice("gvisor"));
        var client = host.client();
        client.namespaces().withName("insula-kept").edit(HostWallsTest::opened);
        client.resourceQuotas().inNamespace("insula-kept").withName("insula").edit(quota -> {
            quota.getSpec().getHard().put("pods", new Quantity("1000000"));
            return quota;
        });
        client.rbac()
                .roleBindings()
                .inNamespace("insula-kept")
                .withName("insula-syncer")
                .delete();
        var policies = client.resources(ValidatingAdmissionPolicy.class);
        var before = policies.withName("insula-profile-gvisor").get().getSpec();
        policies.withName("insula-profile-gvisor").edit(policy -> {
            policy.getSpec().setFailurePolicy("Ignore");
            policy.getSpec().getMatchConditions().getFirst().setExpression("false");
            return policy;
        });

        namespaces.policies().lookAgain();
        namespaces.ensure(tenant("kept"), () -> choice("gvisor"));

        assertThat(client.namespaces()
                        .withName("insula-kept")
                        .get()
                        .getMetadata()
                        .getLabels())
                .containsEntry(ENFORCE, "baseline")
                .containsEntry(ENFORCE + "-version", "latest");
        assertThat(client.resourceQuotas()
                        .inNamespace("insula-kept")
                        .withName("insula")
                        .get()
                        .getSpec()
                        .getHard())
                .containsEntry("pods", new Quantity("5000"));
        assertThat(client.rbac()
                        .roleBindings()
                        .inNamespace("insula-kept")
                        .withName("insula-syncer")
                        .get())
                .isNotNull();
        assertThat(policies.withName("insula-profile-gvisor").get().getSpec()).isEqualTo(before);
    }

    private static Namespace opened(Namespace namespace) {
        return new NamespaceBuilder(namespace)
                .editMetadata()
                .addToLabels(ENFORCE, "privileged")
                .addToLabels(ENFORCE + "-version", "v1.0")
                .endMetadata()
                .build();
    }

    private void patchNamespace(String patch) {
        stolen.namespaces().withName(NAMESPACE).patch(PatchContext.of(PatchType.JSON_MERGE), merged("{}", patch));
    }

    private static HasMetadata secret(String name, Map<String, String> data) {
        return new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withStringData(data)
                .build();
    }

    private static HasMetadata configMap(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .build();
    }

    private static GenericKubernetesResource machine(String patch) {
        var tenant = Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: vm-x-shop, annotations: {insula.io/profile: machines}}
                spec: {containers: [{name: c, image: i}]}
                """, Pod.class);
        var answer = Beans.profiles().translate(tenant, TenantProfiles.only(settings("machines")));
        var good = ((HostVirtualMachine) answer.workload()).machine();
        return Serialization.unmarshal(merged(Serialization.asJson(good), patch), GenericKubernetesResource.class);
    }

    private static Attack attack(String profile, String name, String patch, String told) {
        return new Attack(profile, name, patch, told);
    }

    private static Attack container(String profile, String name, String fields, String told) {
        return new Attack(profile, name, "{spec: {containers: [{name: c, image: i, " + fields + "}]}}", told);
    }

    private static String weaker(String profile) {
        return "{spec: {runtimeClassName: " + (profile.endsWith("kata") ? "gvisor" : "kata") + "}}";
    }

    private void create(KubernetesClient client, HasMetadata object, boolean dryRun) {
        client.resource(object).inNamespace(NAMESPACE).dryRun(dryRun).create();
    }

    /// What the translation makes of a plain pod.
    private static Pod hostPod(String profile) {
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

    private static ProfileSettings settings(String profile) {
        return Beans.profiles().settings(profile, PROFILES.getOrDefault(profile, Map.of()));
    }

    private static ProfileSource.Choice choice(String standard, String... allowed) {
        return new ProfileSource.Choice(
                new ProfileSource.Profile(standard, PROFILES.getOrDefault(standard, Map.of())),
                Stream.of(allowed)
                        .map(name -> new ProfileSource.Profile(name, PROFILES.getOrDefault(name, Map.of())))
                        .toList());
    }

    private static Tenant tenant(String name) {
        var tenant = new Tenant();
        tenant.getMetadata().setName(name);
        tenant.getMetadata().setUid("0d9f3c5e-" + name);
        return tenant;
    }

    /// Objects are merged; lists take the place of lists, but for what each container must have.
    private static String merged(String json, String patch) {
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

    private void awaitReady(String namespace) {
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

    private static void await(String what, BooleanSupplier condition) {
        var deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as(what).isBefore(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before the first test
    private static <T> T unset() {
        return null;
    }
}
