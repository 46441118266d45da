package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToHost;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.PatchHost;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Trees;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What reaches a pod that runs, and what it tells.
class RunningPodTest {

    private static final FixedView VIEW = FixedView.of("runc");
    private static final NameMap NAMES = VIEW.names();
    private static final String BASE = "containers: [{name: c, image: i, resources: {limits: {cpu: 1, memory: 1Gi}}}]";

    private final PodSyncer syncer = new PodSyncer(Beans.profiles());

    @Test
    void addsEphemeralContainersWithTheTenantsNamesTranslated() {
        var tenant = pod(BASE);
        var changed = pod(BASE + """

                ephemeralContainers:
                  - name: debugger
                    image: busybox
                    targetContainerName: c
                    env: [{name: K, valueFrom: {secretKeyRef: {name: keys, key: k}}}]
                """);

        var added = patch(changed, onHost(tenant), "ephemeralcontainers").at("/spec/ephemeralContainers");

        assertThat(added).hasSize(1);
        assertThat(added.at("/0/targetContainerName").asText()).isEqualTo("c");
        assertThat(added.toString())
                .contains(NAMES.hostName("Secret", "shop", "keys"))
                .contains("KUBERNETES_SERVICE_HOST");
        assertThat(syncer.references(changed, VIEW))
                .anyMatch(reference -> reference.name().equals("keys"));
    }

    /// A variable is read when a container starts: it, and a path made of it, may have waited for this.
    @Test
    void tellsAnAnnotationThatAVariableNamesAsItIsNow() {
        Pod waiting = pod(BASE.replace(
                "image: i,",
                "image: i, env: [{name: SUB, valueFrom: {fieldRef: {fieldPath: \"metadata.annotations['sub']\"}}}],"));
        Pod host = onHost(waiting);
        String own = NameMap.hostLabel("sub");
        assertThat(host.getSpec().getContainers().getFirst().getEnv()).anySatisfy(variable -> {
            assertThat(variable.getName()).isEqualTo("SUB");
            assertThat(variable.getValueFrom().getFieldRef().getFieldPath())
                    .isEqualTo("metadata.annotations['" + own + "']");
        });
        assertThat(host.getMetadata().getAnnotations()).doesNotContainKey(own);

        var told = new PodBuilder(waiting)
                .editMetadata()
                .addToAnnotations("sub", "$(path)")
                .addToAnnotations("other", "x")
                .endMetadata()
                .build();
        assertThat(patch(told, host, "").at("/metadata/annotations"))
                .hasSize(1)
                .isEqualTo(Trees.object().put(own, "$(path)"));
    }

    @Test
    void refusesAnEphemeralContainerThatTheProfileForbids() {
        var changed = pod(BASE + "\nephemeralContainers: [{name: d, image: i, securityContext: {privileged: true}}]");

        assertThat(decide(changed, onHost(pod(BASE))))
                .noneMatch(change ->
                        change instanceof PatchHost patch && patch.subresource().equals("ephemeralcontainers"))
                .anyMatch(change -> change instanceof ApplyToTenant told
                        && Serialization.asJson(told.wanted()).contains("spec.ephemeralContainers[0]"));
    }

    @Test
    void resizesByTheSubresourceAndNothingElse() {
        var resized = pod(BASE.replace("cpu: 1,", "cpu: 2,"));

        var patch = patch(resized, onHost(pod(BASE)), "resize");

        assertThat(patch.at("/spec/containers/0/name").asText()).isEqualTo("c");
        assertThat(patch.at("/spec/containers/0/resources/limits/cpu").asText()).isEqualTo("2");
        assertThat(find(decide(resized, onHost(pod(BASE))), "ephemeralcontainers"))
                .isEmpty();
    }

    /// A profile that changed since must not resize what runs.
    @Test
    void resizesOnlyWhatTheTenantResized() {
        var other = new PodBuilder(onHost(pod(BASE)))
                .editSpec()
                .editFirstContainer()
                .editResources()
                .addToRequests("cpu", new io.fabric8.kubernetes.api.model.Quantity("500m"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();

        assertThat(decide(pod(BASE), other)).isEmpty();
        assertThat(find(decide(pod(BASE + "\nactiveDeadlineSeconds: 60"), other), "resize"))
                .isEmpty();
    }

    @Test
    void bringsTheDeadlineForwardAndAddsTolerations() {
        var changed = pod(BASE + """

                activeDeadlineSeconds: 60
                tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute}]
                """);

        var spec = patch(changed, onHost(pod(BASE)), "").path("spec");

        assertThat(spec.path("activeDeadlineSeconds").asLong()).isEqualTo(60);
        assertThat(spec.at("/tolerations/0/key").asText()).isEqualTo("node.kubernetes.io/not-ready");
    }

    @Test
    void isAtRestOnceEverythingIsCarried() {
        var changed = pod(BASE + "\nactiveDeadlineSeconds: 60");
        var host = onHost(pod(BASE));

        var marks = patch(changed, host, "", "/metadata/annotations").at("/metadata/annotations");
        var after = new PodBuilder(host)
                .editMetadata()
                .addToAnnotations(
                        SpecUpdates.CARRIED, marks.path(SpecUpdates.CARRIED).asText())
                .endMetadata()
                .editSpec()
                .withActiveDeadlineSeconds(60L)
                .endSpec()
                .build();

        assertThat(decide(changed, after)).isEmpty();
    }

    /// The host counts its own changes; the tenant is told of its own.
    @Test
    void saysWhichGenerationTheNodeHasSeen() {
        var tenant = new PodBuilder(pod(BASE))
                .editMetadata()
                .withGeneration(3L)
                .endMetadata()
                .build();
        var host = seen(onHost(tenant), 7L);

        assertThat(told(tenant, host).path("observedGeneration").asLong()).isEqualTo(3);
        assertThat(told(tenant, host).at("/conditions/0").has("observedGeneration"))
                .isFalse();
        assertThat(told(tenant, seen(onHost(tenant), 6L)).has("observedGeneration"))
                .as("the node has not seen all yet")
                .isFalse();
        var changed = new PodBuilder(tenant)
                .editSpec()
                .withActiveDeadlineSeconds(60L)
                .endSpec()
                .build();
        assertThat(told(changed, host).has("observedGeneration"))
                .as("it is not on the host yet")
                .isFalse();
    }

    /// The host's container has what the profile gives one that asks for nothing.
    @Test
    void tellsOfNoResourcesThatItDidNotAskFor() {
        var given = """
                status:
                  phase: Running
                  resources: {requests: {cpu: 100m}}
                  allocatedResources: {cpu: 100m}
                  containerStatuses:
                  - name: c
                    allocatedResources: {cpu: 100m, memory: 128Mi}
                    resources: {requests: {cpu: 100m, memory: 128Mi}, limits: {cpu: 100m, memory: 128Mi}}
                  initContainerStatuses:
                  - {name: i, allocatedResources: {cpu: 100m}, resources: {limits: {cpu: 100m}}}
                """;
        var nothing = pod("containers: [{name: c, image: i}]\ninitContainers: [{name: i, image: i}]");
        var memory = pod("containers: [{name: c, image: i, resources: {requests: {memory: 64Mi}}}]");

        assertThat(told(nothing, withStatus(onHost(nothing), given)).toString())
                .contains("Running")
                .doesNotContain("100m", "128Mi", "allocatedResources");
        var status = told(memory, withStatus(onHost(memory), given)).at("/containerStatuses/0");
        assertThat(status.path("allocatedResources").toString()).isEqualTo("{\"memory\":\"128Mi\"}");
        assertThat(status.path("resources").toString()).isEqualTo("{\"requests\":{\"memory\":\"128Mi\"}}");
    }

    private static Pod withStatus(Pod host, String status) {
        return new PodBuilder(host)
                .withStatus(Serialization.unmarshal(status, Pod.class).getStatus())
                .build();
    }

    private static Pod seen(Pod host, long generation) {
        return new PodBuilder(host)
                .editMetadata()
                .withGeneration(7L)
                .endMetadata()
                .withNewStatus()
                .withPhase("Running")
                .withObservedGeneration(generation)
                .addNewCondition()
                .withType("Ready")
                .withStatus("True")
                .withObservedGeneration(generation)
                .endCondition()
                .endStatus()
                .build();
    }

    private JsonNode told(Pod tenant, Pod host) {
        return decide(tenant, host).stream()
                .flatMap(change -> change instanceof PatchTenant patch ? Stream.of(patch.patch()) : Stream.of())
                .findFirst()
                .orElseThrow()
                .path("status");
    }

    @Test
    void saysThatAMachineCannotBeChanged() {
        var view = FixedView.of("kubevirt");
        var machine = (GenericKubernetesResource)
                ((ApplyToHost) syncer.decide(new TenantOnly<>(pod(BASE)), view).get(1)).wanted();

        assertThat(syncer.decide(new Paired<>(pod(BASE + "\nactiveDeadlineSeconds: 60"), machine), view))
                .anyMatch(change -> change instanceof ApplyToTenant told
                        && Serialization.asJson(told.wanted())
                                .contains("not changed on the host: spec.activeDeadlineSeconds"));
    }

    @Test
    void tellsTheHostOfTheTenantsGatesAndTheTenantOfTheHostsReadiness() {
        var gated = pod(BASE + "\nreadinessGates: [{conditionType: x/y}]");
        var hostType = NameMap.hostLabel("x/y");
        var tenant = new PodBuilder(gated)
                .editMetadata()
                .withResourceVersion("7")
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("x/y")
                .withStatus("True")
                .endCondition()
                .addNewCondition()
                .withType("team.example/checked")
                .withStatus("True")
                .endCondition()
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .withReason("HostRefused")
                .endCondition()
                .endStatus()
                .build();
        var host = new PodBuilder(onHost(gated))
                .withNewStatus()
                .withPhase("Running")
                .addNewCondition()
                .withType("Ready")
                .withStatus("False")
                .withMessage("corresponding condition of pod readiness gate \"" + hostType + "\" does not exist.")
                .endCondition()
                .endStatus()
                .build();

        assertThat(patch(tenant, host, "status").at("/status/conditions/0").toString())
                .contains(hostType)
                .contains("\"True\"");
        var up = decide(tenant, host).stream()
                .flatMap(change -> change instanceof PatchTenant patch ? Stream.of(patch.patch()) : Stream.of())
                .findFirst()
                .orElseThrow();
        assertThat(up.at("/metadata/resourceVersion").asText())
                .as("no condition that came meanwhile is lost")
                .isEqualTo("7");
        assertThat(up.at("/status/conditions"))
                .extracting(condition -> condition.path("type").asText())
                .containsExactlyInAnyOrder("Ready", "x/y", "team.example/checked");
        assertThat(up.toString()).contains("readiness gate \\\"x/y\\\" does not exist");
    }

    @Test
    void followsTheLabelsOfItsNamespace() {
        var view = VIEW.withTenant(namespace("shop", Map.of("team", "a", "kubernetes.io/metadata.name", "shop")));

        assertThat(onHost(pod(BASE), view).getMetadata().getLabels())
                .containsEntry("namespace.insula.io/team", "a")
                .doesNotContainKey("namespace.insula.io/metadata.name");
        assertThat(syncer.dependents(namespace("shop", Map.of()), VIEW.withTenant(pod(BASE))))
                .hasSize(1);
        var patch = find(syncer.decide(new Paired<>(pod(BASE), onHost(pod(BASE), view)), VIEW), "")
                .orElseThrow();
        assertThat(patch.at("/metadata/labels").has("namespace.insula.io/team")).isTrue();
        assertThat(patch.at("/metadata/labels/namespace.insula.io~1team").isNull())
                .isTrue();
    }

    @Test
    void selectsNamespacesByTheLabelsOfTheirPods() {
        var term = affinity("namespaceSelector: {matchLabels: {team: a}, matchExpressions:"
                + " [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system]}]}");

        assertThat(term).contains("namespace.insula.io/team", "insula.io/namespace", "NotIn", "kube-system");
        assertThat(term).as("not its own namespace").doesNotContain("shop");
        assertThat(affinity("namespaces: [east], namespaceSelector: {matchLabels: {team: a}}"))
                .as("either of both")
                .contains("\"values\":[\"east\",\"west\"]");
        assertThat(affinity("namespaceSelector: {}")).doesNotContain("insula.io/namespace");
    }

    private String affinity(String namespaces) {
        var view = VIEW.withTenant(namespace("west", Map.of("team", "a")), namespace("south", Map.of("team", "b")));
        var affinity =
                onHost(pod(BASE + """

                affinity:
                  podAntiAffinity:
                    requiredDuringSchedulingIgnoredDuringExecution:
                      - {topologyKey: zone, labelSelector: {matchLabels: {app: db}}, %s}
                """.formatted(namespaces)), view).getSpec().getAffinity();
        var json = Serialization.asJson(affinity).replaceAll("\\s+", "");
        assertThat(json).contains("\"insula.io/tenant\":\"acme\"");
        return json;
    }

    @Test
    void tellsOfARefusalByEventAndCondition() {
        var changes = syncer.refused(pod(BASE), "HostRefused", "exceeded quota", "2026-01-01T00:00:00Z");

        assertThat(changes).hasSize(2);
        assertThat(((PatchTenant) changes.get(1))
                        .patch()
                        .at("/status/conditions/0/message")
                        .asText())
                .isEqualTo("exceeded quota");
        var bound = new PodBuilder(pod(BASE))
                .editSpec()
                .withNodeName("n1")
                .endSpec()
                .build();
        assertThat(syncer.refused(bound, "HostRefused", "exceeded quota", "2026-01-01T00:00:00Z"))
                .as("it is scheduled")
                .singleElement()
                .isInstanceOf(ApplyToTenant.class);
    }

    private List<Change> decide(Pod tenant, Pod host) {
        return syncer.decide(new Paired<>(tenant, host), VIEW);
    }

    private JsonNode patch(Pod tenant, Pod host, String subresource) {
        return find(decide(tenant, host), subresource).orElseThrow();
    }

    private JsonNode patch(Pod tenant, Pod host, String subresource, String having) {
        return decide(tenant, host).stream()
                .flatMap(change -> change instanceof PatchHost patch ? Stream.of(patch) : Stream.of())
                .filter(patch -> patch.subresource().equals(subresource)
                        && !patch.patch().at(having).isMissingNode())
                .map(PatchHost::patch)
                .findFirst()
                .orElseThrow();
    }

    private static Optional<JsonNode> find(List<Change> changes, String subresource) {
        return changes.stream()
                .flatMap(change -> change instanceof PatchHost patch ? Stream.of(patch) : Stream.of())
                .filter(patch -> patch.subresource().equals(subresource))
                .map(PatchHost::patch)
                .findFirst();
    }

    private Pod onHost(Pod tenant) {
        return onHost(tenant, VIEW);
    }

    private Pod onHost(Pod tenant, FixedView view) {
        return (Pod)
                ((CreateOnHost) syncer.decide(new TenantOnly<>(tenant), view).getFirst()).wanted();
    }

    private static Namespace namespace(String name, Map<String, String> labels) {
        return new io.fabric8.kubernetes.api.model.NamespaceBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .build();
    }

    private static Pod pod(String spec) {
        return Serialization.unmarshal(
                "metadata: {name: web, namespace: shop, uid: u1}\nspec:\n" + spec.indent(2), Pod.class);
    }
}
