package io.insula.tenantapi.controllers;

import static io.insula.tenantapi.conformance.TestServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.conformance.TestServer;
import io.insula.tenantapi.conformance.Watched;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Whole lives as upstream's conformance tests tell them: over HTTP, replaced, patched strategically, watched and
/// deleted as a collection, with every controller at work and etcd below. Nobody runs pods: tests write their status.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LivesConformanceTest {

    private static final String SELECTOR = "selector: {matchLabels: {app: x}}";
    private static final String MINE = "?labelSelector=life=mine";

    private ControlledServer server;
    private String namespace = "";

    @BeforeAll
    void start() {
        server = new ControlledServer(List.of());
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = server.namespace();
    }

    @Test
    @Conformance(
            value = "[sig-storage] PersistentVolumes CSI Conformance should run through the lifecycle of a PV and a PVC"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void volumesAndClaims() {
        String volumes = "/api/v1/persistentvolumes";
        String claims = core("persistentvolumeclaims");
        JsonNode volume = server.post(volumes, volume("one"));
        JsonNode claim = server.post(claims, claim("one"));
        assertThat(server.items(volumes + MINE)).hasSize(1);
        assertThat(server.items(claims)).hasSize(1);

        JsonNode patched = server.strategic(volumes + "/one", "{metadata: {labels: {one: patched}}}");
        assertThat(patched.at("/metadata/labels/one").asText()).isEqualTo("patched");
        assertThat(version(patched)).isGreaterThan(version(volume));
        JsonNode patchedClaim = server.strategic(claims + "/one", "{metadata: {labels: {one: patched}}}");
        assertThat(patchedClaim.at("/metadata/labels/one").asText()).isEqualTo("patched");
        assertThat(version(patchedClaim)).isGreaterThan(version(claim));
        assertThat(uid(server.get(volumes + "/one"))).isEqualTo(uid(volume));
        assertThat(uid(server.get(claims + "/one"))).isEqualTo(uid(claim));

        server.delete(claims + "/one", "");
        await("the claim to go", () -> server.items(claims).isEmpty());
        server.delete(volumes + "/one", "");
        await("the volume to go", () -> server.items(volumes + MINE).isEmpty());

        server.post(volumes, volume("two"));
        server.post(claims, claim("two"));
        Consumer<ObjectNode> update =
                object -> object.withObject("/metadata/labels").put("two", "updated");
        assertThat(server.replace(volumes + "/two", update)
                        .at("/metadata/labels/two")
                        .asText())
                .isEqualTo("updated");
        assertThat(server.replace(claims + "/two", update)
                        .at("/metadata/labels/two")
                        .asText())
                .isEqualTo("updated");
        String updated = "?labelSelector=two=updated";
        assertThat(server.items("/api/v1/persistentvolumeclaims" + updated)).hasSize(1);
        server.delete(claims + updated, "");
        await("the claims to go", () -> server.items(claims + updated).isEmpty());
        server.delete(volumes + updated, "");
        await("the volumes to go", () -> server.items(volumes + updated).isEmpty());
    }

    @Test
    @Conformance(
            value = "[sig-apps] Job should manage the lifecycle of a job [Conformance]",
            weaker = Conformance.NOTHING)
    void jobs() throws IOException {
        String jobs = "/apis/batch/v1/namespaces/" + namespace + "/jobs";
        JsonNode made = server.post(
                jobs,
                "{metadata: {name: j, labels: {life: mine}}, spec: {suspend: true, parallelism: 2, completions: 4,"
                        + " backoffLimit: 6, template: {spec: {restartPolicy: Never, containers: [{name: c, image:"
                        + " i}]}}}}");
        try (Watched watch = server.watch(jobs + MINE + "&resourceVersion=" + version(made))) {
            JsonNode patched = server.strategic(jobs + "/j", "{metadata: {labels: {j: patched}}}");
            assertThat(patched.at("/metadata/labels/j").asText()).isEqualTo("patched");
            assertThat(version(patched)).isGreaterThan(version(made));
            watch.until("MODIFIED", "/metadata/labels/j", "patched");

            JsonNode updated = server.replace(jobs + "/j", job -> {
                job.withObject("/spec").put("suspend", false);
                job.withObject("/metadata/annotations").put("updated", "true");
            });
            assertThat(updated.at("/metadata/annotations/updated").asText()).isEqualTo("true");
            watch.until("MODIFIED", "/metadata/annotations/updated", "true");
            assertThat(server.items("/apis/batch/v1/jobs" + MINE)).hasSize(1);

            await("its completion", () -> {
                for (JsonNode pod : server.items(core("pods"))) {
                    if (PodView.of(pod).phase().equals("Pending")) {
                        says(pod, "{phase: Succeeded}");
                    }
                }
                return Condition.isTrue(server.get(jobs + "/j"), "Complete");
            });
            JsonNode status = server.get(jobs + "/j").path("status");
            assertThat(status.path("succeeded").asInt()).isEqualTo(4);
            assertThat(status.at("/conditions").findValuesAsText("reason")).contains("CompletionsReached");

            server.delete(jobs + MINE, "{propagationPolicy: Background}");
            watch.until("DELETED", "/metadata/name", "j");
            assertThat(server.items("/apis/batch/v1/jobs" + MINE)).isEmpty();
        }
    }

    @Test
    @Conformance(value = "[sig-apps] ReplicaSet Replace and Patch tests [Conformance]", weaker = Conformance.NOTHING)
    void replicaSets() throws IOException {
        String sets = "/apis/apps/v1/namespaces/" + namespace + "/replicasets";
        JsonNode made = server.post(
                sets,
                "{metadata: {name: r}, spec: {replicas: 1, selector: {matchLabels: {app: x}}, template: {metadata:"
                        + " {labels: {app: x}}, spec: {containers: [{name: web, image: httpd}]}}}}");
        await("one ready", () -> ready(1));
        JsonNode replaced =
                server.replace(sets + "/r", set -> set.withObject("/spec").put("replicas", 2));
        assertThat(replaced.at("/spec/replicas").asInt()).isEqualTo(2);

        String selected = sets + "?labelSelector=r=patched&resourceVersion=" + version(made);
        try (Watched watch = server.watch(selected)) {
            server.strategic(
                    sets + "/r",
                    "{metadata: {labels: {r: patched}}, spec: {replicas: 3, template: {spec:"
                            + " {terminationGracePeriodSeconds: 0, containers: [{name: r, image: pause}]}}}}");
            await("three ready", () -> ready(3));
            JsonNode seen = watch.until("MODIFIED", "/status/availableReplicas", "3");
            assertThat(seen.at("/status/readyReplicas").asInt()).isEqualTo(3);
            assertThat(seen.at("/metadata/labels/r").asText()).isEqualTo("patched");
            JsonNode template = seen.at("/spec/template/spec");
            assertThat(template.path("terminationGracePeriodSeconds").asInt(-1)).isZero();
            assertThat(template.path("containers").findValuesAsText("image"))
                    .as("a container of another name comes before those that are there")
                    .containsExactly("pause", "httpd");
        }
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] ReplicationController should test the lifecycle of a ReplicationController [Conformance]",
            weaker = Conformance.NOTHING)
    void replicationControllers() throws IOException {
        String controllers = core("replicationcontrollers");
        String path = controllers + "/rc";
        try (Watched watch =
                server.watch(controllers + MINE + "&resourceVersion=" + version(server.get(controllers)))) {
            server.post(
                    controllers,
                    "{metadata: {name: rc, labels: {life: mine}}, spec: {replicas: 1, selector: {app: x}, template:"
                            + " {metadata: {labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}}}");
            watch.expect("ADDED", "rc");
            await("one ready", () -> ready(1));
            JsonNode seen = watch.until("MODIFIED", "/status/readyReplicas", "1");
            assertThat(seen.at("/status/replicas").asInt()).isEqualTo(1);

            JsonNode patched = server.strategic(path, "{metadata: {labels: {rc: patched}}}");
            assertThat(patched.at("/metadata/labels/rc").asText()).isEqualTo("patched");
            watch.until("MODIFIED", "/metadata/labels/rc", "patched");

            JsonNode emptied = server.strategic(path + "/status", "{status: {readyReplicas: 0, availableReplicas: 0}}");
            // Go's structure leaves a zero out, and reads it from nothing
            assertThat(emptied.path("status").has("readyReplicas")).isFalse();
            assertThat(version(watch.until("MODIFIED", "/status/readyReplicas", "")))
                    .isEqualTo(version(emptied));
            // the controller knows better
            watch.until("MODIFIED", "/status/readyReplicas", "1");
            assertThat(server.get(path + "/status").at("/status/replicas").asInt())
                    .isEqualTo(1);

            server.strategic(path + "/scale", "{spec: {replicas: 2}}");
            watch.until("MODIFIED", "/spec/replicas", "2");
            await("two ready", () -> ready(2));
            JsonNode scaled = watch.until("MODIFIED", "/status/readyReplicas", "2");
            assertThat(scaled.at("/status/replicas").asInt()).isEqualTo(2);
            assertThat(server.get(path).at("/metadata/labels/rc").asText()).isEqualTo("patched");

            JsonNode put = server.replace(
                    path + "/status",
                    rc -> rc.withObject("/status").put("availableReplicas", 1).put("readyReplicas", 1));
            assertThat(version(watch.until("MODIFIED", "/status/readyReplicas", "1")))
                    .isEqualTo(version(put));
            assertThat(server.items("/api/v1/replicationcontrollers" + MINE))
                    .singleElement()
                    .satisfies(rc ->
                            assertThat(rc.at("/metadata/labels/rc").asText()).isEqualTo("patched"));

            server.delete(controllers + MINE, "");
            watch.until("DELETED", "/metadata/name", "rc");
        }
    }

    /// The test is their node: what is bound and runs goes when that says so.
    @Test
    @Conformance(
            value = "[sig-node] Pods should delete a collection of pods [Conformance]",
            weaker = Conformance.NOTHING)
    void collectionsOfPods() {
        String pods = core("pods");
        server.post("/api/v1/nodes", "{metadata: {name: " + namespace + "}}");
        for (int i = 1; i <= 3; i++) {
            String name = "pod-" + i;
            server.post(
                    pods,
                    "{metadata: {name: " + name + ", labels: {life: mine}}, spec: {terminationGracePeriodSeconds: 1,"
                            + " containers: [{name: c, image: i}]}}");
            server.post(
                    pods + "/" + name + "/binding",
                    "{metadata: {name: " + name + "}, target: {kind: Node, name: " + namespace + "}}");
        }
        server.post(pods, "{metadata: {name: other}, spec: {containers: [{name: c, image: i}]}}");
        await("all to run", () -> ready(4));

        server.delete(pods + MINE, "");
        List<JsonNode> ending = server.items(pods + MINE);
        assertThat(ending).hasSize(3).allSatisfy(pod -> {
            assertThat(pod.at("/metadata/deletionTimestamp").asText()).isNotEmpty();
            assertThat(pod.at("/metadata/deletionGracePeriodSeconds").asInt()).isEqualTo(1);
        });
        for (JsonNode pod : ending) {
            server.delete(pods + "/" + pod.at("/metadata/name").asText(), "{gracePeriodSeconds: 0}");
        }
        await("them to go", () -> server.items(pods + MINE).isEmpty());
        assertThat(server.items(pods))
                .singleElement()
                .satisfies(pod -> assertThat(pod.at("/metadata/name").asText()).isEqualTo("other"));
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]",
            weaker = Conformance.NOTHING)
    void scaleOfAReplicationController() {
        scales(core("replicationcontrollers"), "selector: {app: x}");
    }

    @Test
    @Conformance(
            value = "[sig-apps] ReplicaSet Replicaset should have a working scale subresource [Conformance]",
            weaker = Conformance.NOTHING)
    void scaleOfAReplicaSet() {
        scales(apps("replicasets"), SELECTOR);
    }

    @Test
    @Conformance(
            value = "[sig-apps] Deployment Deployment should have a working scale subresource [Conformance]",
            weaker = Conformance.NOTHING)
    void scaleOfADeployment() {
        scales(apps("deployments"), SELECTOR);
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should have a working scale"
                            + " subresource [Conformance]",
            weaker = Conformance.NOTHING)
    void scaleOfAStatefulSet() {
        scales(apps("statefulsets"), "serviceName: s, podManagementPolicy: Parallel, " + SELECTOR);
    }

    /// Read, replaced and patched; the object and its pods follow.
    private void scales(String collection, String spec) {
        server.post(
                collection,
                "{metadata: {name: it}, spec: {replicas: 1, " + spec
                        + ", template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}}}");
        String path = collection + "/it";
        await(
                "one pod",
                () -> server.get(path + "/scale").at("/status/replicas").asInt() == 1);
        ObjectNode scale = server.get(path + "/scale").deepCopy();
        assertThat(scale.path("kind").asText()).isEqualTo("Scale");
        assertThat(scale.at("/spec/replicas").asInt()).isEqualTo(1);

        // without a version it holds whatever happened meanwhile
        scale.withObject("/metadata").remove("resourceVersion");
        scale.withObject("/spec").put("replicas", 2);
        assertThat(server.http()
                        .put(path + "/scale", scale)
                        .at("/spec/replicas")
                        .asInt())
                .isEqualTo(2);
        assertThat(server.get(path).at("/spec/replicas").asInt()).isEqualTo(2);
        await("two pods", () -> server.get(path).at("/status/replicas").asInt() == 2);

        server.strategic(path + "/scale", "{spec: {replicas: 4}}");
        assertThat(server.get(path).at("/spec/replicas").asInt()).isEqualTo(4);
        await(
                "four pods",
                () -> server.get(path + "/scale").at("/status/replicas").asInt() == 4);
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] ResourceQuota should apply changes to a resourcequota status [Conformance]",
            weaker = Conformance.NOTHING)
    void statusOfAQuota() throws IOException {
        String quotas = core("resourcequotas");
        JsonNode made = server.post(
                quotas, "{metadata: {name: q, labels: {life: mine}}, spec: {hard: {cpu: 500m, memory: 500Mi}}}");
        try (Watched watch = server.watch(quotas + MINE + "&resourceVersion=" + version(made))) {
            JsonNode updated = server.replace(
                    quotas + "/q/status",
                    quota -> quota.putObject("status")
                            .putObject("hard")
                            .put("cpu", "500m")
                            .put("memory", "500Mi"));
            assertThat(updated.at("/status/hard")).isEqualTo(updated.at("/spec/hard"));
            watch.until("MODIFIED", "/status/hard/memory", "500Mi");

            server.strategic(quotas + "/q", "{spec: {hard: {cpu: '1', memory: 1Gi}}}");
            server.strategic(quotas + "/q/status", "{status: {hard: {cpu: '1', memory: 1Gi}}}");
            watch.until("MODIFIED", "/status/hard/memory", "1Gi");
            assertThat(server.get(quotas + "/q/status").at("/status/hard"))
                    .isEqualTo(TestServer.tree("{cpu: '1', memory: 1Gi}"));

            JsonNode again = server.strategic(quotas + "/q/status", "{status: {hard: {cpu: '2', memory: 2Gi}}}");
            assertThat(again.at("/status/hard")).isEqualTo(TestServer.tree("{cpu: '2', memory: 2Gi}"));
            assertThat(again.at("/spec/hard")).isEqualTo(TestServer.tree("{cpu: '1', memory: 1Gi}"));
            watch.until("MODIFIED", "/status/hard/memory", "2Gi");
            JsonNode reset = watch.until("MODIFIED", "/status/hard/memory", "1Gi");
            assertThat(reset.at("/status/hard")).isEqualTo(reset.at("/spec/hard"));
        }
    }

    /// Says of every pod that it is ready, as many as there shall be; answers whether they are that many.
    private boolean ready(int count) {
        List<JsonNode> all = server.items(core("pods"));
        List<JsonNode> waiting =
                all.stream().filter(pod -> !PodView.of(pod).isReady()).toList();
        waiting.forEach(pod -> says(
                pod,
                "{phase: Running, conditions: [{type: Ready, status: 'True', lastTransitionTime:"
                        + " '2026-01-01T00:00:00Z'}]}"));
        return waiting.isEmpty() && all.size() == count;
    }

    /// A pod that has gone meanwhile says nothing.
    private void says(JsonNode pod, String status) {
        String path = core("pods") + "/" + pod.at("/metadata/name").asText() + "/status";
        server.http().send(server.http().request("PATCH", path, TestServer.MERGE, "{status: " + status + "}"));
    }

    private String core(String plural) {
        return "/api/v1/namespaces/" + namespace + "/" + plural;
    }

    private String apps(String plural) {
        return "/apis/apps/v1/namespaces/" + namespace + "/" + plural;
    }

    private static long version(JsonNode object) {
        return object.at("/metadata/resourceVersion").asLong();
    }

    private static String uid(JsonNode object) {
        return object.at("/metadata/uid").asText();
    }

    private String volume(String name) {
        return "{metadata: {name: " + name + ", labels: {life: mine}}, spec: {capacity: {storage: 2Gi}, accessModes:"
                + " [ReadWriteOnce], storageClassName: " + namespace
                + ", csi: {driver: e2e.example.com, volumeHandle: e2e-conformance}}}";
    }

    private String claim(String name) {
        return "{metadata: {name: " + name + "}, spec: {accessModes: [ReadWriteOnce], storageClassName: " + namespace
                + ", resources: {requests: {storage: 2Gi}}}}";
    }
}
