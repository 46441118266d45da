package io.insula.tenantapi.controllers.apps;

import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.simulation.NodesOfATest;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.view.Condition;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StatefulSetTest {

    private static final String CLAIMS = ", volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes:"
            + " [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]";

    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = NodesOfATest.cluster(2);
        cluster.create(
                Resources.STORAGE_CLASSES,
                "",
                "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: standard, annotations:"
                        + " {storageclass.kubernetes.io/is-default-class: 'true'}}, provisioner: insula.io/simulated}");
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace();
    }

    @Test
    void startsPodsInOrderWithStableNamesAndEndsThemInReverse() {
        set(3, "");
        awaitReady(3);
        assertThat(cluster.podNames(namespace)).containsExactly("web-0", "web-1", "web-2");
        ObjectNode second = cluster.get(Resources.PODS, namespace, "web-1");
        assertThat(second.at("/spec/hostname").asText()).isEqualTo("web-1");
        assertThat(second.at("/spec/subdomain").asText()).isEqualTo("web");
        assertThat(Meta.labels(second))
                .containsEntry("statefulset.kubernetes.io/pod-name", "web-1")
                .containsEntry("apps.kubernetes.io/pod-index", "1")
                .containsEntry("controller-revision-hash", status("currentRevision"));
        var created = new TreeMap<Long, String>();
        cluster.pods(namespace).forEach(pod -> created.put(startRevision(pod), Meta.name(pod)));
        assertThat(created.values()).containsExactly("web-0", "web-1", "web-2");
        cluster.patch(Resources.STATEFUL_SETS, namespace, "web", "{spec: {replicas: 1}}");
        await("one pod", () -> cluster.podNames(namespace).equals(List.of("web-0")));
        await("its status", () -> number("replicas") == 1);
    }

    @Test
    void startsAtTheOrdinalAsked() {
        set(2, ", ordinals: {start: 5}");
        awaitReady(2);
        assertThat(cluster.podNames(namespace)).containsExactly("web-5", "web-6");
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should perform canary updates"
                            + " and phased rolling updates of template modifications [Conformance]",
            weaker = Conformance.NOTHING)
    void updatesACanaryThenPhaseByPhase() {
        set(3, ", updateStrategy: {type: RollingUpdate, rollingUpdate: {partition: 3}}");
        awaitReady(3);
        String before = status("currentRevision");
        image("nginx:2");
        await("a new revision", () -> !status("updateRevision").equals(before));
        String after = status("updateRevision");
        assertThat(revisions().values()).containsOnly(before);
        partition(2);
        await("the canary", () -> revisions().equals(Map.of("web-0", before, "web-1", before, "web-2", after)));
        awaitReady(3);
        cluster.delete(Resources.PODS, namespace, "web-0");
        cluster.delete(Resources.PODS, namespace, "web-2");
        await("both to be back", () -> revisions().equals(Map.of("web-0", before, "web-1", before, "web-2", after)));
        awaitReady(3);
        partition(0);
        await("all to be new", () -> revisions().equals(Map.of("web-0", after, "web-1", after, "web-2", after)));
        awaitReady(3);
        await("the update to be over", () -> status("currentRevision").equals(after));
        assertThat(number("currentReplicas")).isEqualTo(3);
    }

    @Test
    void goesBackToAnEarlierRevisionByItsTemplate() {
        set(1, "");
        awaitReady(1);
        String before = status("currentRevision");
        image("nginx:2");
        await(
                "the second revision",
                () -> number("updatedReplicas") == 1
                        && !status("currentRevision").equals(before));
        image("nginx:1");
        await("the first again", () -> status("currentRevision").equals(before));
        assertThat(cluster.list(Resources.CONTROLLER_REVISIONS, namespace))
                .hasSize(2)
                .filteredOn(revision -> Meta.name(revision).equals(before))
                .singleElement()
                .satisfies(revision ->
                        assertThat(revision.path("revision").asInt()).isEqualTo(3));
    }

    @Test
    void leavesPodsAloneOnDelete() {
        set(1, ", updateStrategy: {type: OnDelete}");
        awaitReady(1);
        String before = status("currentRevision");
        image("nginx:2");
        await("a new revision", () -> !status("updateRevision").equals(before));
        assertThat(revisions()).containsEntry("web-0", before);
        cluster.delete(Resources.PODS, namespace, "web-0");
        await(
                "the new template",
                () -> status("updateRevision").equals(revisions().get("web-0")));
    }

    @Test
    void startsAllAtOnceInParallel() {
        set(3, ", podManagementPolicy: Parallel", "nodeSelector: {none: such}, ");
        await(
                "all pods, none of them running",
                () -> cluster.podNames(namespace).size() == 3);
        assertThat(number("readyReplicas")).isZero();
    }

    @Test
    void waitsForThePodBeforeInOrder() {
        set(2, "", "nodeSelector: {none: such}, ");
        await("the first", () -> cluster.podNames(namespace).equals(List.of("web-0")));
        await("its status", () -> number("replicas") == 1);
        assertThat(cluster.podNames(namespace)).containsExactly("web-0");
    }

    @Test
    void keepsClaimsUnlessToldOtherwise() {
        set(2, CLAIMS);
        awaitReady(2);
        assertThat(claimNames()).containsExactly("data-web-0", "data-web-1");
        assertThat(cluster.get(Resources.PODS, namespace, "web-1")
                        .at("/spec/volumes/0/persistentVolumeClaim/claimName")
                        .asText())
                .isEqualTo("data-web-1");
        cluster.patch(Resources.STATEFUL_SETS, namespace, "web", "{spec: {replicas: 1}}");
        await("one pod", () -> cluster.podNames(namespace).size() == 1);
        assertThat(claimNames()).containsExactly("data-web-0", "data-web-1");
    }

    @Test
    void deletesClaimsWithTheirPodsOrTheSet() {
        set(2, CLAIMS + ", persistentVolumeClaimRetentionPolicy: {whenScaled: Delete, whenDeleted: Delete}");
        awaitReady(2);
        cluster.patch(Resources.STATEFUL_SETS, namespace, "web", "{spec: {replicas: 1}}");
        await("the second claim to go", () -> claimNames().equals(List.of("data-web-0")));
        cluster.client.delete(
                Resources.STATEFUL_SETS, namespace, "web", Json.object().put("propagationPolicy", "Background"));
        await("the first claim to go", () -> claimNames().isEmpty());
    }

    @Test
    void replacesAFailedPod() {
        set(1, "");
        awaitReady(1);
        String before = Meta.uid(cluster.get(Resources.PODS, namespace, "web-0"));
        cluster.patchStatus(Resources.PODS, namespace, "web-0", "{status: {phase: Failed, reason: Evicted}}");
        await(
                "another pod",
                () -> cluster.find(Resources.PODS, namespace, "web-0")
                        .map(pod -> !Meta.uid(pod).equals(before))
                        .orElse(false));
        awaitReady(1);
        assertThat(cluster.hasEvent(namespace, "RecreatingFailedPod")).isTrue();
    }

    @Test
    void keepsForeignConditionsAndFollowsPatches() {
        set(1, "");
        awaitReady(1);
        cluster.patchStatus(
                Resources.STATEFUL_SETS,
                namespace,
                "web",
                "{status: {conditions: [{type: StatusPatched, status: 'True', reason: E2E, message: m}]}}");
        cluster.patch(
                Resources.STATEFUL_SETS,
                namespace,
                "web",
                "{metadata: {labels: {test: patched}}, spec: {replicas: 2, template: {spec:"
                        + " {terminationGracePeriodSeconds: 0}}}}");
        awaitReady(2);
        assertThat(Condition.isTrue(cluster.get(Resources.STATEFUL_SETS, namespace, "web"), "StatusPatched"))
                .isTrue();
        assertThat(cluster.client
                        .list(Resources.STATEFUL_SETS, "", new Query("test=patched", ""))
                        .items())
                .hasSize(1);
        cluster.client.delete(
                Resources.STATEFUL_SETS, namespace, "web", Json.object().put("propagationPolicy", "Background"));
        await("everything to go", () -> cluster.podNames(namespace).isEmpty());
    }

    @Test
    void waitsMinReadySecondsBeforeTheNextPod() {
        set(2, ", minReadySeconds: 3600");
        await("the first", () -> number("readyReplicas") == 1);
        await("the status", () -> number("availableReplicas") == 0 && number("replicas") == 1);
        assertThat(cluster.podNames(namespace)).containsExactly("web-0");
    }

    private void set(int replicas, String more) {
        set(replicas, more, "");
    }

    private void set(int replicas, String more, String podMore) {
        cluster.create(
                Resources.STATEFUL_SETS,
                namespace,
                "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: web}, spec: {serviceName: web, replicas: "
                        + replicas + ", selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}},"
                        + " spec: {" + podMore + "terminationGracePeriodSeconds: 0, containers: [{name: c, image:"
                        + " 'nginx:1'}]}}" + more + "}}");
    }

    private void image(String image) {
        cluster.patch(
                Resources.STATEFUL_SETS,
                namespace,
                "web",
                "{spec: {template: {spec: {containers: [{name: c, image: '" + image + "'}]}}}}");
    }

    private void partition(int partition) {
        cluster.patch(
                Resources.STATEFUL_SETS,
                namespace,
                "web",
                "{spec: {updateStrategy: {rollingUpdate: {partition: " + partition + "}}}}");
    }

    private void awaitReady(int count) {
        await(
                count + " ready pods",
                () -> number("readyReplicas") == count
                        && number("replicas") == count
                        && cluster.podNames(namespace).size() == count);
    }

    private Map<String, String> revisions() {
        var all = new TreeMap<String, String>();
        cluster.pods(namespace)
                .forEach(pod -> all.put(Meta.name(pod), Meta.labels(pod).getOrDefault("controller-revision-hash", "")));
        return all;
    }

    private List<String> claimNames() {
        return cluster.list(Resources.PERSISTENT_VOLUME_CLAIMS, namespace).stream()
                .map(Meta::name)
                .sorted()
                .toList();
    }

    /// Events are numbered by the store: the order of pods' first events is the order of their creation.
    private long startRevision(ObjectNode pod) {
        return cluster.list(Resources.EVENTS, namespace).stream()
                .filter(event -> event.path("message").asText().startsWith("create Pod " + Meta.name(pod) + " "))
                .mapToLong(event -> Long.parseLong(Meta.resourceVersion(event)))
                .min()
                .orElse(-1);
    }

    private String status(String field) {
        return cluster.at(Resources.STATEFUL_SETS, namespace, "web", "/status/" + field)
                .asText("");
    }

    private int number(String field) {
        return cluster.at(Resources.STATEFUL_SETS, namespace, "web", "/status/" + field)
                .asInt();
    }
}
