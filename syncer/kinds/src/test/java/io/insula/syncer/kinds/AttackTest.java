package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.PatchHost;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.TenantId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Somebody with all rights in a tenant tries to reach beyond it by what they write there.
class AttackTest {

    private static final FixedView VIEW = FixedView.of("runc");
    private static final NameMap ACME = VIEW.names();
    private static final NameMap GLOBEX = new NameMap(new TenantId("globex"));
    private final PodSyncer pods = new PodSyncer(Beans.profiles());

    record Asked(String name, String spec, String field) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Asked> forbidden() {
        return Stream.of(
                new Asked("the node's files", "volumes: [{name: v, hostPath: {path: /}}]", "spec.volumes[0].hostPath"),
                new Asked("the node's network", "hostNetwork: true", "spec.hostNetwork"),
                new Asked("the node's processes", "hostPID: true", "spec.hostPID"),
                new Asked("the node's memory segments", "hostIPC: true", "spec.hostIPC"),
                new Asked("a node", "nodeName: victim", "spec.nodeName"),
                new Asked("a scheduler", "schedulerName: mine", "spec.schedulerName"),
                new Asked("a runtime class", "runtimeClassName: host-special", "spec.runtimeClassName"),
                new Asked("a device", "resourceClaims: [{name: gpu, resourceClaimName: gpu}]", "spec.resourceClaims"),
                new Asked(
                        "the host's trust",
                        "volumes: [{name: v, projected: {sources: [{clusterTrustBundle: {name: x, path: p}}]}}]",
                        "spec.volumes[0].projected.sources[0]"),
                new Asked(
                        "a volume of the superuser's, by an ephemeral volume",
                        "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {volumeName: operator-pv}}}}]",
                        "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.volumeName"),
                new Asked(
                        "a snapshot, by an ephemeral volume",
                        "volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {dataSourceRef:"
                                + " {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: x}}}}}]",
                        "spec.volumes[0].ephemeral.volumeClaimTemplate.spec.dataSourceRef"),
                new Asked(
                        "a file server behind an empty directory",
                        "volumes: [{name: v, emptyDir: {}, nfs: {server: filer, path: /}}]",
                        "spec.volumes[0]"),
                new Asked(
                        "the host's trust behind a ConfigMap",
                        "volumes: [{name: v, projected: {sources: [{configMap: {name: a},"
                                + " clusterTrustBundle: {name: x, path: p}}]}}]",
                        "spec.volumes[0].projected.sources[0]"),
                new Asked("the host's workloads", "workloadRef: {name: x, podGroup: y}", "spec.workloadRef"),
                new Asked(
                        "a credential spec of the host's",
                        "securityContext: {windowsOptions: {gmsaCredentialSpecName: x}}",
                        "spec.securityContext.windowsOptions.gmsaCredentialSpecName"),
                new Asked(
                        "a node's driver",
                        "volumes: [{name: v, csi: {driver: secrets-store.csi.k8s.io}}]",
                        "spec.volumes[0]"),
                new Asked(
                        "a file server as the node sees it",
                        "volumes: [{name: v, nfs: {server: filer, path: /}}]",
                        "spec.volumes[0]"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("forbidden")
    void refusesAPodThatAsksFor(Asked asked) {
        var changes = pods.decide(new TenantOnly<>(pod("web", asked.spec())), VIEW);

        assertThat(changes).noneMatch(CreateOnHost.class::isInstance);
        assertThat(changes)
                .first()
                .isInstanceOfSatisfying(
                        ApplyToTenant.class,
                        told -> assertThat(Serialization.asJson(told.wanted())).contains(asked.field()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[{operator: Exists}]",
                "[{key: dedicated, operator: Exists}]",
                "[{key: dedicated, value: customerB, effect: NoSchedule}]",
                "[{key: node.kubernetes.io/unschedulable, operator: Exists}]"
            })
    void keepsPodsOffTheNodesOfOthersWhateverTheyTolerate(String tolerations) {
        var changes = pods.decide(new TenantOnly<>(pod("web", "tolerations: " + tolerations)), VIEW);

        assertThat(changes)
                .filteredOn(CreateOnHost.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(
                        CreateOnHost.class,
                        applied -> assertThat(((Pod) applied.wanted()).getSpec().getTolerations())
                                .allMatch(each -> "NoExecute".equals(each.getEffect())
                                        && Set.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
                                                .contains(each.getKey())));
    }

    @Test
    void mountsNobodyElsesSecretWhateverNameIsGiven() {
        var names = List.of(
                GLOBEX.hostName("Secret", "shop", "keys"),
                GLOBEX.hostName("Token", "shop", "web"),
                ACME.hostName("Token", "shop", "victim"),
                ACME.hostName("Secret", "backoffice", "keys"),
                "default-token-abcde");
        var reachable = names.stream()
                .map(name -> ACME.hostName("Secret", "shop", name))
                .collect(Collectors.toSet());

        for (var name : names) {
            var host = onHost("""
                    imagePullSecrets: [{name: %1$s}]
                    volumes:
                      - {name: a, secret: {secretName: %1$s}}
                      - {name: b, projected: {sources: [{secret: {name: %1$s}}]}}
                    containers:
                      - name: c
                        image: i
                        env: [{name: K, valueFrom: {secretKeyRef: {name: %1$s, key: k}}}]
                        envFrom: [{secretRef: {name: %1$s}}]
                    """.formatted(name));

            var spec = host.getSpec();
            var container = spec.getContainers().getFirst();
            assertThat(List.of(
                            spec.getImagePullSecrets().getFirst().getName(),
                            spec.getVolumes().get(0).getSecret().getSecretName(),
                            spec.getVolumes()
                                    .get(1)
                                    .getProjected()
                                    .getSources()
                                    .getFirst()
                                    .getSecret()
                                    .getName(),
                            container
                                    .getEnv()
                                    .getLast()
                                    .getValueFrom()
                                    .getSecretKeyRef()
                                    .getName(),
                            container.getEnvFrom().getFirst().getSecretRef().getName()))
                    .allMatch(reachable::contains)
                    .doesNotContainAnyElementsOf(names);
        }
    }

    /// The template's claim is made in the tenant, and only that one goes down: neither its labels nor its class are
    /// in the host pod.
    @Test
    void bringsNoClaimAlong() {
        var spec = """
                volumes:
                  - name: v
                    ephemeral:
                      volumeClaimTemplate:
                        metadata: {labels: {insula.io/tenant: globex}, annotations: {operator.example/x: stolen}}
                        spec: {storageClassName: private, resources: {requests: {storage: 1Gi}}}
                """;
        var pod = pod("web", spec);

        assertThat(pods.decide(new TenantOnly<>(pod), VIEW))
                .as("before the claim is there")
                .noneMatch(CreateOnHost.class::isInstance);
        assertThat(pods.decide(new TenantOnly<>(pod), VIEW.withTenant(claim("somebody-else"))))
                .as("a claim of that name that is not the pod's")
                .noneMatch(CreateOnHost.class::isInstance)
                .anyMatch(change -> change instanceof ApplyToTenant told
                        && Serialization.asJson(told.wanted()).contains("pod is not owner"));
        var host = (Pod) ((CreateOnHost) pods.decide(new TenantOnly<>(pod), VIEW.withTenant(claim("u1")))
                        .getFirst())
                .wanted();
        var volume = host.getSpec().getVolumes().getFirst();
        assertThat(volume.getEphemeral()).isNull();
        assertThat(volume.getPersistentVolumeClaim().getClaimName())
                .isEqualTo(ACME.hostName("PersistentVolumeClaim", "shop", "web-v"));
        assertThat(Serialization.asJson(host)).doesNotContain("private", "globex", "stolen");
    }

    private static HasMetadata claim(String owner) {
        return Serialization.unmarshal(
                """
                apiVersion: v1
                kind: PersistentVolumeClaim
                metadata:
                  name: web-v
                  namespace: shop
                  ownerReferences: [{apiVersion: v1, kind: Pod, name: web, uid: %s, controller: true}]
                """.formatted(owner), io.fabric8.kubernetes.api.model.PersistentVolumeClaim.class);
    }

    @Test
    void getsNoTokenOfTheHostWhateverAudienceItAsks() {
        var host = onHost("""
                serviceAccountName: insula-syncer
                automountServiceAccountToken: true
                containers: [{name: c, image: i}]
                volumes:
                  - name: v
                    projected:
                      sources:
                        - serviceAccountToken: {path: token, audience: "https://kubernetes.default.svc"}
                        - serviceAccountToken: {path: other, audience: "system:konnectivity-server"}
                """);

        assertThat(host.getSpec().getServiceAccountName()).isNull();
        assertThat(host.getSpec().getServiceAccount()).isNull();
        assertThat(host.getSpec().getAutomountServiceAccountToken()).isFalse();
        assertThat(host.getSpec().getVolumes().getFirst().getProjected().getSources())
                .hasSize(2)
                .allSatisfy(source -> {
                    assertThat(source.getServiceAccountToken()).isNull();
                    assertThat(source.getSecret().getName()).isEqualTo(ACME.hostName("Token", "shop", "web"));
                });
    }

    @Test
    void speaksToNoControllerOfTheHost() {
        var meta = forged();
        var wanted = new ArrayList<Change>();
        var view = VIEW.referencing("web");
        wanted.addAll(new ConfigMapSyncer()
                .decide(
                        new TenantOnly<>(
                                new ConfigMapBuilder().withMetadata(meta).build()),
                        view));
        wanted.addAll(new SecretSyncer()
                .decide(
                        new TenantOnly<>(new SecretBuilder()
                                .withMetadata(meta)
                                .withType("kubernetes.io/service-account-token")
                                .build()),
                        view));
        wanted.addAll(new ServiceSyncer()
                .decide(
                        new TenantOnly<>(new ServiceBuilder()
                                .withMetadata(meta)
                                .withNewSpec()
                                .withType("ClusterIP")
                                .endSpec()
                                .build()),
                        view));
        var pod = pod("web", "");
        pod.setMetadata(meta);
        wanted.addAll(pods.decide(new TenantOnly<>(pod), view));

        assertThat(wanted).hasSize(4).allSatisfy(change -> {
            var host = wanted(change);
            var made = host.getMetadata();
            assertThat(made.getNamespace()).isEqualTo("insula-acme");
            assertThat(made.getOwnerReferences()).isEmpty();
            assertThat(made.getFinalizers()).isEmpty();
            assertThat(made.getLabels())
                    .containsEntry(InsulaLabels.TENANT, "acme")
                    .containsEntry(InsulaLabels.NAMESPACE, "shop")
                    .doesNotContainKey("app");
            assertThat(made.getLabels().keySet())
                    .allMatch(key ->
                            key.startsWith(InsulaLabels.PREFIX) || key.startsWith(InsulaLabels.TENANT_LABEL_PREFIX));
            assertThat(made.getAnnotations())
                    .containsEntry(InsulaLabels.TENANT, "acme")
                    .containsEntry(InsulaLabels.UID, "u1")
                    .containsEntry(InsulaLabels.NAME, "web")
                    .doesNotContainKeys(InsulaLabels.RESERVED, InsulaLabels.APPLIED, InsulaLabels.RENEW);
            assertThat(made.getAnnotations().keySet())
                    .allMatch(key ->
                            key.startsWith(InsulaLabels.PREFIX) || key.startsWith(InsulaLabels.TENANT_LABEL_PREFIX));
            assertThat(Serialization.asJson(host)).doesNotContain("kubernetes.io/service-account-token");
        });
    }

    @Test
    void selectsNoPodOfAnotherTenantOrNamespace() {
        var greedy = Serialization.unmarshal("""
                metadata: {name: web, namespace: shop, uid: u1}
                spec:
                  type: ClusterIP
                  selector:
                    insula.io/tenant: globex
                    insula.io/namespace: backoffice
                    tenant.insula.io/app: web
                  ports: [{port: 80}]
                """, Service.class);

        var selector = HostServices.translate(greedy, ACME).getSpec().getSelector();

        assertThat(selector)
                .containsEntry(InsulaLabels.TENANT, "acme")
                .containsEntry(InsulaLabels.NAMESPACE, "shop")
                .doesNotContainKey("tenant.insula.io/app");
        assertThat(onHost("""
                        affinity:
                          podAntiAffinity:
                            requiredDuringSchedulingIgnoredDuringExecution:
                              - topologyKey: kubernetes.io/hostname
                                namespaces: [insula-globex, kube-system]
                                labelSelector: {matchLabels: {insula.io/tenant: globex}}
                        """)
                        .getSpec()
                        .getAffinity()
                        .getPodAntiAffinity()
                        .getRequiredDuringSchedulingIgnoredDuringExecution())
                .singleElement()
                .satisfies(term -> {
                    assertThat(term.getNamespaces()).isEmpty();
                    assertThat(term.getNamespaceSelector()).isNull();
                    assertThat(term.getLabelSelector().getMatchLabels()).containsEntry(InsulaLabels.TENANT, "acme");
                });
    }

    /// A condition that the host's controllers, or the kubelet, would take for their own.
    @Test
    void setsNoConditionOfTheHosts() {
        var gated = pod("web", "{readinessGates: [{conditionType: Ready}, {conditionType: cloud.example/healthy}]}");
        var tenant = new PodBuilder(gated)
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .endCondition()
                .addNewCondition()
                .withType("cloud.example/healthy")
                .withStatus("True")
                .endCondition()
                .addNewCondition()
                .withType("DisruptionTarget")
                .withStatus("True")
                .endCondition()
                .endStatus()
                .build();
        var host = new PodBuilder(
                        (Pod) wanted(pods.decide(new TenantOnly<>(gated), VIEW).getFirst()))
                .withNewStatus()
                .withPhase("Running")
                .endStatus()
                .build();

        assertThat(host.getSpec().getReadinessGates())
                .hasSize(2)
                .allMatch(gate -> gate.getConditionType().startsWith(InsulaLabels.TENANT_LABEL_PREFIX));
        assertThat(pods.decide(new Paired<>(tenant, host), VIEW))
                .filteredOn(PatchHost.class::isInstance)
                .map(PatchHost.class::cast)
                .filteredOn(patch -> patch.subresource().equals("status"))
                .singleElement()
                .satisfies(patch -> assertThat(patch.patch().at("/status/conditions"))
                        .hasSize(2)
                        .allMatch(condition ->
                                condition.path("type").asText().startsWith(InsulaLabels.TENANT_LABEL_PREFIX)));
    }

    @Test
    void preemptsNobody() {
        var spec = onHost("{priorityClassName: system-node-critical, priority: 2000001000, preemptionPolicy: Always}")
                .getSpec();

        assertThat(spec.getPriorityClassName()).isEqualTo("insula-profile-runc");
        assertThat(spec.getPriority()).isNull();
        assertThat(spec.getPreemptionPolicy()).isNull();
    }

    @Test
    void findsNoTwoObjectsOfOneHostName() {
        var seen = new HashMap<String, String>();
        for (var tenant : List.of("acme", "acme-shop", "shop", "a")) {
            var names = new NameMap(new TenantId(tenant));
            for (var kind : List.of("Pod", "Secret", "Token", "Service", "ConfigMap")) {
                for (var each : crafted()) {
                    var what = tenant + "|" + kind + "|" + each.getKey() + "|" + each.getValue();
                    var earlier = seen.put(names.hostName(kind, each.getKey(), each.getValue()), what);
                    assertThat(earlier).as(what).isNull();
                }
            }
        }
        assertThat(seen.keySet()).allMatch(name -> name.length() <= 63 && name.matches("[a-z]([-a-z0-9]*[a-z0-9])?"));
    }

    @Test
    void believesNoHostObjectThatOnlyClaimsToBeATenants() {
        var real = ACME.hostMeta("Secret", pod("keys", ""));

        assertThat(ACME.tenantKey(secret(real))).isPresent();
        assertThat(ACME.tenantKey(secret(new ObjectMetaBuilder(real)
                        .addToAnnotations(InsulaLabels.NAME, "other")
                        .build())))
                .as("another name than its own")
                .isEmpty();
        assertThat(ACME.tenantKey(secret(new ObjectMetaBuilder(real)
                        .withNamespace("insula-globex")
                        .build())))
                .as("in another tenant's namespace")
                .isEmpty();
        assertThat(GLOBEX.tenantKey(secret(real))).as("by another tenant").isEmpty();
    }

    /// Namespaces and names that would run into each other if they were only joined, cut or cleaned.
    private static List<Map.Entry<String, String>> crafted() {
        var same = "x".repeat(60);
        return List.of(
                Map.entry("a", "b-c"),
                Map.entry("a-b", "c"),
                Map.entry("b-c", "a"),
                Map.entry("c", "a-b"),
                Map.entry("shop", "a.b"),
                Map.entry("shop", "a-b"),
                Map.entry("shop", "a--b"),
                Map.entry("shop", "a-"),
                Map.entry("shop", same + "1"),
                Map.entry("shop", same + "2"),
                Map.entry(same, "shop"),
                Map.entry("shop", ACME.hostName("Secret", "shop", "keys")),
                Map.entry("shop", "1"),
                Map.entry("shop", "x1"));
    }

    private static ObjectMeta forged() {
        return new ObjectMetaBuilder()
                .withName("web")
                .withNamespace("shop")
                .withUid("u1")
                .addToLabels("app", "web")
                .addToLabels(InsulaLabels.TENANT, "globex")
                .addToLabels(InsulaLabels.NAMESPACE, "backoffice")
                .addToLabels("endpointslice.kubernetes.io/managed-by", "me")
                .addToAnnotations(InsulaLabels.TENANT, "globex")
                .addToAnnotations(InsulaLabels.UID, "stolen")
                .addToAnnotations(InsulaLabels.NAME, "other")
                .addToAnnotations(InsulaLabels.RESERVED, "2026-01-01T00:00:00Z")
                .addToAnnotations(InsulaLabels.APPLIED, "x")
                .addToAnnotations(InsulaLabels.RENEW, "2099-01-01T00:00:00Z")
                .addToAnnotations("kubernetes.io/service-account.name", "default")
                .addToAnnotations("container.apparmor.security.beta.kubernetes.io/c", "localhost/node")
                .withFinalizers("x/y")
                .addNewOwnerReference()
                .withApiVersion("v1")
                .withKind("Namespace")
                .withName("kube-system")
                .withUid("host-uid")
                .endOwnerReference()
                .build();
    }

    private static HasMetadata wanted(Change change) {
        return change instanceof CreateOnHost create ? create.wanted() : ((ApplyToHost) change).wanted();
    }

    private Pod onHost(String spec) {
        var changes = pods.decide(new TenantOnly<>(pod("web", spec)), VIEW);
        return (Pod) ((CreateOnHost) changes.getFirst()).wanted();
    }

    private static HasMetadata secret(ObjectMeta meta) {
        return new SecretBuilder().withMetadata(meta).build();
    }

    private static Pod pod(String name, String spec) {
        var body = spec.contains("containers:") ? spec : spec + "\ncontainers: [{name: c, image: i}]\n";
        if (spec.startsWith("{")) {
            body = spec.replaceFirst("\\{", "{containers: [{name: c, image: i}], ");
        }
        return Serialization.unmarshal(
                "metadata: {name: " + name + ", namespace: shop, uid: u1}\nspec:\n" + body.indent(2), Pod.class);
    }
}
