package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.DownwardAPIVolumeFile;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.node.v1.RuntimeClassBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.BindInTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.DeleteFromHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchHost;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.Change.Proof;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PodSyncerTest {

    private static final FixedView VIEW = FixedView.of("kata");
    private static final NameMap NAMES = VIEW.names();
    private final PodSyncer syncer = new PodSyncer(Beans.profiles());

    record Case(String name, SyncEvent<Pod> event, List<Class<? extends Change>> want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Case> cases() {
        var fresh = pod();
        var host = hostPod(fresh);
        var running = new PodBuilder(host)
                .editSpec()
                .withNodeName("n1")
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("10.0.0.7")
                .withStartTime("2026-01-01T00:00:00Z")
                .endStatus()
                .build();
        var synced = new PodBuilder(fresh)
                .editSpec()
                .withNodeName("n1")
                .endSpec()
                .withStatus(running.getStatus())
                .build();
        return List.of(
                new Case("a new pod goes down", new TenantOnly<>(fresh), List.of(CreateOnHost.class)),
                new Case("nothing to do while pending", new Paired<>(fresh, host), List.of()),
                new Case(
                        "node and status come up",
                        new Paired<>(fresh, running),
                        List.of(BindInTenant.class, PatchTenant.class)),
                new Case("nothing to do when in step", new Paired<>(synced, running), List.of()),
                new Case(
                        "a vanished host pod ends the tenant's",
                        new TenantOnly<>(synced),
                        List.of(DeleteFromTenant.class)),
                new Case(
                        "a finished pod keeps its record",
                        new TenantOnly<>(new PodBuilder(synced)
                                .editStatus()
                                .withPhase("Succeeded")
                                .endStatus()
                                .build()),
                        List.of()),
                new Case(
                        "a deletion goes down",
                        new Paired<>(terminating(synced), running),
                        List.of(DeleteFromHost.class)),
                new Case(
                        "a deletion under way is waited for",
                        new Paired<>(terminating(synced), terminating(running)),
                        List.of()),
                new Case(
                        "the tenant's pod ends after the host's",
                        new TenantOnly<>(terminating(synced)),
                        List.of(DeleteFromTenant.class)),
                new Case("an orphan goes", new HostOnly<>(running), List.of(DeleteFromHost.class)),
                new Case("an orphan that ends is left to end", new HostOnly<>(terminating(running)), List.of()),
                new Case(
                        "a new label goes down",
                        new Paired<>(
                                new PodBuilder(synced)
                                        .editMetadata()
                                        .addToLabels("tier", "front")
                                        .endMetadata()
                                        .build(),
                                running),
                        List.of(PatchHost.class)),
                new Case(
                        "a node of the tenant's choice is refused",
                        new TenantOnly<>(new PodBuilder(fresh)
                                .editSpec()
                                .withNodeName("victim")
                                .endSpec()
                                .build()),
                        List.of(ApplyToTenant.class, PatchTenant.class)),
                new Case(
                        "a privileged pod is refused",
                        new TenantOnly<>(new PodBuilder(fresh)
                                .editSpec()
                                .editFirstContainer()
                                .withNewSecurityContext()
                                .withPrivileged(true)
                                .endSecurityContext()
                                .endContainer()
                                .endSpec()
                                .build()),
                        List.of(ApplyToTenant.class, PatchTenant.class)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void decides(Case each) {
        assertThat(syncer.decide(each.event(), VIEW))
                .extracting(change -> (Object) change.getClass())
                .isEqualTo(List.copyOf(each.want()));
    }

    @Test
    void provesADeletionAndPassesItsGraceOn() {
        var tenant = terminating(pod());

        assertThat(syncer.decide(new Paired<>(tenant, hostPod(pod())), VIEW))
                .first()
                .isInstanceOfSatisfying(DeleteFromHost.class, delete -> {
                    assertThat(delete.proof()).isEqualTo(Proof.TENANT_OBJECT_TERMINATING);
                    assertThat(delete.graceSeconds()).isEqualTo(7);
                });
    }

    @Test
    void carriesNothingOfTheTenantsThatMeansSomethingOnTheHost() {
        var forged = new PodBuilder(pod())
                .editMetadata()
                .addToLabels(InsulaLabels.TENANT, "globex")
                .addToLabels("app", "web")
                .addToAnnotations(InsulaLabels.TENANT, "globex")
                .addToAnnotations(InsulaLabels.UID, "stolen")
                .addToAnnotations("cluster-autoscaler.kubernetes.io/safe-to-evict", "false")
                .withFinalizers("x/y")
                .endMetadata()
                .editSpec()
                .withServiceAccountName("builder")
                .withPriorityClassName("system-node-critical")
                .withPriority(2_000_001_000)
                .endSpec()
                .build();

        var host = translate(forged);

        assertThat(host.getMetadata().getLabels())
                .containsEntry(InsulaLabels.TENANT, "acme")
                .containsEntry("tenant.insula.io/app", "web")
                .doesNotContainKey("app");
        assertThat(host.getMetadata().getAnnotations())
                .containsEntry(InsulaLabels.TENANT, "acme")
                .containsEntry(InsulaLabels.UID, "u1")
                .doesNotContainKey("cluster-autoscaler.kubernetes.io/safe-to-evict");
        assertThat(host.getMetadata().getFinalizers()).isEmpty();
        assertThat(host.getSpec().getServiceAccountName()).isNull();
        assertThat(host.getSpec().getAutomountServiceAccountToken()).isFalse();
        assertThat(host.getSpec().getPriorityClassName()).isEqualTo("insula-profile-kata");
        assertThat(host.getSpec().getPriority()).isNull();
        assertThat(NAMES.tenantKey(host)).isPresent();
    }

    @Test
    void renamesWhatThePodNamesAndKeepsWhatItIsToldTrue() {
        var tenant = Serialization.unmarshal("""
                metadata: {name: web, namespace: shop, uid: u1, labels: {app: web}}
                spec:
                  imagePullSecrets: [{name: pull}]
                  containers:
                    - name: c
                      image: i
                      env:
                        - {name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
                        - {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
                        - {name: KEY, valueFrom: {secretKeyRef: {name: keys, key: k}}}
                      envFrom: [{configMapRef: {name: env}}]
                  volumes:
                    - {name: conf, configMap: {name: conf}}
                    - name: kube-api-access
                      projected:
                        sources:
                          - {serviceAccountToken: {path: token, expirationSeconds: 3607}}
                          - {configMap: {name: kube-root-ca.crt}}
                          - {downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}}
                """, Pod.class);

        var spec = translate(tenant).getSpec();

        assertThat(syncer.references(tenant, VIEW))
                .containsExactlyInAnyOrder(
                        new Reference("Secret", "shop", "pull"),
                        new Reference("Secret", "shop", "keys"),
                        new Reference("ConfigMap", "shop", "env"),
                        new Reference("ConfigMap", "shop", "conf"),
                        new Reference("ConfigMap", "shop", "kube-root-ca.crt"));
        var env = spec.getContainers().getFirst().getEnv();
        var own = env.size() - 3;
        assertThat(env.get(own).getValue()).isEqualTo("shop");
        assertThat(env.get(own + 1).getValueFrom().getFieldRef().getFieldPath()).isEqualTo("status.podIP");
        assertThat(env.get(own + 2).getValueFrom().getSecretKeyRef().getName())
                .isEqualTo(NAMES.hostName("Secret", "shop", "keys"));
        var sources = spec.getVolumes().get(1).getProjected().getSources();
        assertThat(sources.get(0).getServiceAccountToken()).isNull();
        assertThat(sources.get(0).getSecret().getName()).isEqualTo(NAMES.hostName("Token", "shop", "web"));
        assertThat(sources.get(0).getSecret().getOptional())
                .as("the pod waits for its token")
                .isNull();
        assertThat(sources.get(1).getConfigMap().getName())
                .isEqualTo(NAMES.hostName("ConfigMap", "shop", "kube-root-ca.crt"));
        assertThat(sources.get(2)
                        .getDownwardAPI()
                        .getItems()
                        .getFirst()
                        .getFieldRef()
                        .getFieldPath())
                .isEqualTo("metadata.annotations['insula.io/namespace']");
    }

    /// The profile reserves what the limit allows.
    @Test
    void tellsContainersWhatTheyRequestByTheTenantsWord() {
        var tenant = Serialization.unmarshal("""
                metadata: {name: web, namespace: shop, uid: u1}
                spec:
                  containers:
                    - name: c
                      image: i
                      resources: {requests: {cpu: 250m, memory: 32Mi}, limits: {cpu: 1250m, memory: 64Mi}}
                      env:
                        - {name: CPU, valueFrom: {resourceFieldRef: {resource: requests.cpu}}}
                        - {name: MILLI, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1m}}}
                        - {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory}}}
                    - name: d
                      image: i
                      env:
                        - {name: OTHER, valueFrom: {resourceFieldRef: {containerName: c, resource: requests.memory}}}
                        - {name: OWN, valueFrom: {resourceFieldRef: {resource: requests.memory}}}
                  volumes:
                    - name: info
                      downwardAPI:
                        items:
                          - {path: memory, resourceFieldRef: {containerName: c, resource: requests.memory, divisor: 1Mi}}
                          - {path: limit, resourceFieldRef: {containerName: c, resource: limits.cpu}}
                    - name: all
                      projected:
                        sources: [{downwardAPI: {items: [
                          {path: cpu, resourceFieldRef: {containerName: c, resource: requests.cpu}}]}}]
                """, Pod.class);

        var host = translate(tenant);

        var containers = host.getSpec().getContainers();
        assertThat(containers.getFirst().getResources().getRequests().get("cpu"))
                .as("what this test is about")
                .isNotEqualTo(new Quantity("250m"));
        assertThat(variable(containers.getFirst(), "CPU").getValue()).isEqualTo("1");
        assertThat(variable(containers.getFirst(), "MILLI").getValue()).isEqualTo("250");
        assertThat(variable(containers.getFirst(), "LIMIT").getValueFrom().getResourceFieldRef())
                .as("limits bind as the host has them")
                .isNotNull();
        assertThat(variable(containers.get(1), "OTHER").getValue()).isEqualTo("33554432");
        assertThat(variable(containers.get(1), "OWN").getValueFrom().getResourceFieldRef())
                .as("who has said nothing has what the profile gives")
                .isNotNull();
        var volumes = host.getSpec().getVolumes();
        var items = volumes.getFirst().getDownwardAPI().getItems();
        assertThat(shown(host, items.getFirst())).isEqualTo("32");
        assertThat(items.get(1).getResourceFieldRef()).isNotNull();
        var projected = volumes.get(1).getProjected().getSources().getFirst().getDownwardAPI();
        assertThat(shown(host, projected.getItems().getFirst())).isEqualTo("1");
    }

    private static EnvVar variable(Container container, String name) {
        return container.getEnv().stream()
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String shown(Pod host, DownwardAPIVolumeFile item) {
        String path = item.getFieldRef().getFieldPath();
        return host.getMetadata()
                .getAnnotations()
                .getOrDefault(path.replaceAll("metadata.annotations\\['(.*)']", "$1"), path);
    }

    @Test
    void keepsAffinityWithinTheTenantAndNamespace() {
        var tenant = Serialization.unmarshal("""
                metadata: {name: web, namespace: shop, uid: u1}
                spec:
                  containers: [{name: c, image: i}]
                  affinity:
                    podAntiAffinity:
                      requiredDuringSchedulingIgnoredDuringExecution:
                        - topologyKey: kubernetes.io/hostname
                          labelSelector: {matchLabels: {app: web}}
                """, Pod.class);

        var selector = translate(tenant)
                .getSpec()
                .getAffinity()
                .getPodAntiAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getFirst()
                .getLabelSelector();

        assertThat(selector.getMatchLabels())
                .isEqualTo(Map.of("tenant.insula.io/app", "web", InsulaLabels.TENANT, "acme"));
        assertThat(selector.getMatchExpressions().getFirst().getValues()).containsExactly("shop");
    }

    /// A host without KubeVirt.
    @Test
    void saysThatTheHostHasNoMachinesBeforeAndWhenAPodComes() {
        var view = new WithoutMachines(FixedView.of("kubevirt"));

        assertThat(syncer.trouble(view)).hasValueSatisfying(trouble -> {
            assertThat(trouble.reason()).isEqualTo("SandboxMissing");
            assertThat(trouble.message()).contains("does not serve VirtualMachineInstances");
        });
        var changes = syncer.decide(new TenantOnly<>(pod()), view);
        assertThat(changes)
                .as("an Event and a condition, and nothing on the host")
                .hasSize(2)
                .noneMatch(ApplyToHost.class::isInstance);
        assertThat(((PatchTenant) changes.get(1))
                        .patch()
                        .at("/status/conditions/0/message")
                        .asText())
                .contains("does not serve VirtualMachineInstances");
        assertThat(syncer.trouble(FixedView.of("kubevirt"))).isEmpty();
    }

    @Test
    void saysThatTheHostHasNoRuntimeClassOfItsProfile() {
        var kata = FixedView.of("kata");

        assertThat(syncer.trouble(kata))
                .hasValueSatisfying(trouble -> assertThat(trouble.message()).contains("has no RuntimeClass \"kata\""));
        assertThat(syncer.trouble(kata.withHost(new RuntimeClassBuilder()
                        .withNewMetadata()
                        .withName("kata")
                        .endMetadata()
                        .build())))
                .isEmpty();
        assertThat(syncer.trouble(FixedView.of("runc"))).isEmpty();
    }

    @Test
    void runsAPodAsAMachineAndTellsItsStateAsAPods() {
        var view = FixedView.of("kubevirt");
        var tenant = pod();

        var changes = syncer.decide(new TenantOnly<>(tenant), view);

        assertThat(changes).hasSize(2);
        var machine = (GenericKubernetesResource) ((ApplyToHost) changes.get(1)).wanted();
        var boot = ((ApplyToHost) changes.get(0)).wanted();
        assertThat(machine.getMetadata().getName()).isEqualTo(boot.getMetadata().getName());
        machine.setAdditionalProperty(
                "status",
                Map.of(
                        "phase",
                        "Running",
                        "nodeName",
                        "metal-1",
                        "interfaces",
                        List.of(Map.of("ipAddress", "10.1.1.1")),
                        "conditions",
                        List.of(Map.of("type", "Ready", "status", "True"))));

        var up = syncer.decide(new Paired<>(tenant, machine), view);

        assertThat(up.getFirst()).isEqualTo(new BindInTenant(tenant, "metal-1"));
        var status = ((PatchTenant) up.get(1)).patch().path("status");
        assertThat(status.path("phase").asText()).isEqualTo("Running");
        assertThat(status.path("podIP").asText()).isEqualTo("10.1.1.1");
        assertThat(status.path("containerStatuses").path(0).path("ready").asBoolean())
                .isTrue();
    }

    record Waiting(String name, Instant created, Map<String, Object> status, String why, int events) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Waiting> waiting() {
        return Stream.of(
                new Waiting("just made", FixedView.NOW, Map.of(), "", 0),
                new Waiting(
                        "nobody takes it",
                        FixedView.NOW.minusSeconds(60),
                        Map.of(),
                        "nothing on the shared cluster has taken the virtual machine yet: does KubeVirt run there?",
                        1),
                new Waiting(
                        "no node for its launcher",
                        FixedView.NOW,
                        Map.of(
                                "phase",
                                "Scheduling",
                                "conditions",
                                List.of(Map.of(
                                        "type", "PodScheduled",
                                        "status", "False",
                                        "reason", "Unschedulable",
                                        "message", "0/1 nodes are available: 1 Insufficient memory."))),
                        "0/1 nodes are available: 1 Insufficient memory.",
                        1),
                new Waiting(
                        "KubeVirt cannot make its launcher",
                        FixedView.NOW,
                        Map.of(
                                "phase",
                                "Pending",
                                "conditions",
                                List.of(Map.of(
                                        "type", "Synchronized",
                                        "status", "False",
                                        "reason", "FailedCreate",
                                        "message", "exceeded quota: insula"))),
                        "exceeded quota: insula",
                        1));
    }

    /// Before it is on a node its containers are nobody's: none is being created.
    @ParameterizedTest
    @MethodSource("waiting")
    void saysWhyAMachineIsOnNoNode(Waiting waiting) {
        var view = FixedView.of("kubevirt");
        var tenant = pod();
        var machine = (GenericKubernetesResource)
                ((ApplyToHost) syncer.decide(new TenantOnly<>(tenant), view).get(1)).wanted();
        machine.getMetadata().setCreationTimestamp(waiting.created().toString());
        machine.getMetadata().setUid("m1");
        machine.setAdditionalProperty("status", waiting.status());

        var up = syncer.decide(new Paired<>(tenant, machine), view);

        var status = up.stream()
                .filter(PatchTenant.class::isInstance)
                .map(each -> ((PatchTenant) each).patch().path("status"))
                .findFirst()
                .orElseThrow();
        assertThat(status.path("phase").asText()).isEqualTo("Pending");
        assertThat(status.has("containerStatuses")).isFalse();
        assertThat(status.at("/conditions/0/message").asText()).isEqualTo(waiting.why());
        assertThat(up.stream().filter(ApplyToTenant.class::isInstance))
                .as("Events")
                .hasSize(waiting.events());
        assertThat(up.stream().anyMatch(LookAgain.class::isInstance))
                .as("nobody would come back to it otherwise")
                .isEqualTo(waiting.why().isEmpty());
    }

    /// kubectl counts sidecars among the containers that are to be ready.
    @Test
    void tellsTheStateOfAMachinesInitContainersAndSidecars() {
        var tenant = new PodBuilder(pod())
                .editSpec()
                .addNewInitContainer()
                .withName("first")
                .endInitContainer()
                .addNewInitContainer()
                .withName("sidecar")
                .withRestartPolicy("Always")
                .endInitContainer()
                .endSpec()
                .build();

        var starting = statusUp(tenant, "Scheduled", "False").path("initContainerStatuses");
        var running = statusUp(tenant, "Running", "True").path("initContainerStatuses");

        assertThat(starting)
                .hasSize(2)
                .allMatch(each -> each.at("/state/waiting").isObject());
        assertThat(running.at("/0/state/terminated/exitCode").asInt(-1)).isZero();
        assertThat(running.at("/1/state/running").isObject()).isTrue();
        assertThat(running).extracting(each -> each.path("name").asText()).containsExactly("first", "sidecar");
        assertThat(running).allMatch(each -> each.path("ready").asBoolean());
        assertThat(statusUp(tenant, "Running", "False")
                        .at("/initContainerStatuses/1/ready")
                        .asBoolean())
                .isFalse();
    }

    private JsonNode statusUp(Pod tenant, String phase, String ready) {
        var view = FixedView.of("kubevirt");
        var changes = syncer.decide(new TenantOnly<>(tenant), view);
        var machine = (GenericKubernetesResource) ((ApplyToHost) changes.get(1)).wanted();
        machine.setAdditionalProperty(
                "status", Map.of("phase", phase, "conditions", List.of(Map.of("type", "Ready", "status", ready))));
        var up = syncer.decide(new Paired<>(tenant, machine), view);
        return ((PatchTenant) up.getFirst()).patch().path("status");
    }

    private Pod translate(Pod tenant) {
        return (Pod)
                ((CreateOnHost) syncer.decide(new TenantOnly<>(tenant), VIEW).getFirst()).wanted();
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("shop")
                .withUid("u1")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("c")
                .withImage("nginx")
                .endContainer()
                .endSpec()
                .build();
    }

    private static Pod hostPod(Pod tenant) {
        var wanted = new PodSyncer(Beans.profiles())
                .decide(new TenantOnly<>(tenant), VIEW)
                .getFirst();
        HasMetadata host = ((CreateOnHost) wanted).wanted();
        return (Pod) host;
    }

    private static Pod terminating(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:10Z")
                .withDeletionGracePeriodSeconds(7L)
                .endMetadata()
                .build();
    }
}
