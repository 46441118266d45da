package io.insula.tenantapi.controllers.apps;

import static io.insula.tenantapi.conformance.TestServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.host.simulation.NodesOfATest;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.conformance.TestServer;
import io.insula.tenantapi.conformance.Watched;
import io.insula.tenantapi.controllers.ControlledServer;
import io.insula.tenantapi.view.PodView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Workloads as upstream's conformance tests tell them where pods must run: over HTTP, with every controller, a
/// scheduler and simulated nodes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WorkloadsOnNodesTest {

    private static final int NODES = 2;
    private static final String REVISION = "/metadata/annotations/deployment.kubernetes.io~1revision";

    private ControlledServer server;
    private String namespace = "";

    @BeforeAll
    void start() {
        server = new ControlledServer(NodesOfATest.controllers(NODES));
        await(
                "schedulable nodes",
                () -> server.items("/api/v1/nodes").stream()
                                .filter(node -> node.path("spec").path("taints").isEmpty())
                                .count()
                        == NODES);
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
            value =
                    "[sig-api-machinery] Namespaces [Serial] should ensure that all pods are removed when a namespace is"
                            + " deleted [Conformance]",
            weaker = Conformance.NOTHING)
    void aNamespaceGoesWithAPodThatRuns() throws IOException {
        server.post(pods(), "{metadata: {name: p}, spec: {containers: [{name: c, image: pause}]}}");
        awaitRunning(1);
        try (Watched watch = server.watch(pods() + "?resourceVersion=" + version(server.get(pods())))) {
            server.delete("/api/v1/namespaces/" + namespace, "");
            JsonNode ending = watch.until("MODIFIED", pod -> pod.at("/metadata").has("deletionTimestamp"));
            assertThat(ending.at("/metadata/deletionGracePeriodSeconds").asInt())
                    .as("it has its time to end")
                    .isEqualTo(30);
            watch.until("DELETED", "/metadata/name", "p");
        }
        await("the namespace to go", () -> !server.http().has("/api/v1/namespaces/" + namespace));
        server.post("/api/v1/namespaces", "{metadata: {name: " + namespace + "}}");
        assertThat(server.items(pods())).isEmpty();
    }

    @Test
    @Conformance(
            value = "[sig-apps] Daemon set [Serial] should list and delete a collection of DaemonSets [Conformance]",
            weaker = Conformance.NOTHING)
    void collectionsOfDaemonSets() {
        server.post(apps("daemonsets"), workload("d", "", template("httpd")));
        await(
                "a pod on each node",
                () -> server.get(apps("daemonsets") + "/d")
                                .at("/status/numberReady")
                                .asInt()
                        == NODES);
        assertThat(server.items(pods()).stream()
                        .map(pod -> PodView.of(pod).nodeName())
                        .distinct())
                .hasSize(NODES);
        goesAsACollection("daemonsets");
    }

    @Test
    @Conformance(
            value = "[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets [Conformance]",
            weaker = Conformance.NOTHING)
    void collectionsOfReplicaSets() {
        server.post(apps("replicasets"), workload("r", "replicas: 3, ", template("httpd")));
        awaitRunning(3);
        goesAsACollection("replicasets");
    }

    private void goesAsACollection(String plural) {
        assertThat(server.items("/apis/apps/v1/" + plural + mine())).hasSize(1);
        server.delete(apps(plural) + mine(), "{gracePeriodSeconds: 1}");
        assertThat(server.items("/apis/apps/v1/" + plural + mine())).isEmpty();
        await("its pods to go", () -> server.items(pods()).isEmpty());
    }

    @Test
    @Conformance(
            value =
                    "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] should list, patch and delete a"
                            + " collection of StatefulSets [Conformance]",
            weaker = Conformance.NOTHING)
    void collectionsOfStatefulSets() {
        String path = apps("statefulsets") + "/s";
        server.post(apps("statefulsets"), workload("s", "serviceName: s, replicas: 1, ", template("httpd")));
        awaitRunning(1);
        assertThat(server.items("/apis/apps/v1/statefulsets" + mine())).hasSize(1);

        JsonNode patched = server.strategic(
                path,
                "{metadata: {labels: {s: patched}}, spec: {replicas: 2, template: {spec:"
                        + " {terminationGracePeriodSeconds: 0, containers: [{name: c, image: pause}]}}}}");
        assertThat(patched.at("/spec/replicas").asInt()).isEqualTo(2);
        assertThat(patched.at("/spec/template/spec/containers").findValuesAsText("image"))
                .containsExactly("pause");
        await("both to run the new image", () -> {
            JsonNode status = server.get(path).path("status");
            return status.path("readyReplicas").asInt() == 2
                    && status.path("updatedReplicas").asInt() == 2
                    && images().equals(List.of("pause", "pause"));
        });
        assertThat(server.items("/apis/apps/v1/statefulsets?labelSelector=s=patched"))
                .singleElement()
                .satisfies(set -> assertThat(set.at("/status/replicas").asInt()).isEqualTo(2));
        goesAsACollection("statefulsets");
    }

    @Test
    @Conformance(
            value = "[sig-apps] StatefulSet Basic StatefulSet functionality [StatefulSetBasic] Should recreate evicted"
                    + " statefulset [Conformance]",
            weaker = Conformance.NOTHING)
    void aStatefulSetGoesOnOnceItsNodeHasThePort() throws IOException {
        String node =
                server.items("/api/v1/nodes").getFirst().at("/metadata/name").asText();
        String spec = "{nodeName: " + node
                + ", containers: [{name: c, image: httpd, ports: [{containerPort: 21017, hostPort: 21017}]}]}";
        server.post(pods(), "{metadata: {name: first}, spec: " + spec + "}");
        awaitRunning(1);
        String one = pods() + "?fieldSelector=metadata.name=s-0";
        String refused;
        try (Watched watch = server.watch(one + "&resourceVersion=" + version(server.get(pods())))) {
            server.post(
                    apps("statefulsets"),
                    workload(
                            "s",
                            "serviceName: s, replicas: 1, ",
                            "{metadata: {labels: {app: x}}, spec: " + spec + "}"));
            JsonNode failed = watch.until("MODIFIED", "/status/phase", "Failed");
            assertThat(failed.at("/status/reason").asText()).isEqualTo("NodePorts");
            refused = failed.at("/metadata/uid").asText();
            watch.until("DELETED", "/metadata/uid", refused);
        }
        server.delete(pods() + "/first", "{gracePeriodSeconds: 0}");
        await(
                "its pod to run",
                () -> server.items(one).stream()
                        .anyMatch(pod -> PodView.of(pod).phase().equals("Running")
                                && !pod.at("/metadata/uid").asText().equals(refused)));
    }

    @Test
    @Conformance(
            value = "[sig-apps] Deployment deployment should delete old replica sets [Conformance]",
            weaker = Conformance.NOTHING)
    void keepsNoHistoryOfASetThatItAdopts() throws IOException {
        byHand();
        try (Watched watch = server.watch(pods() + "?resourceVersion=" + version(server.get(pods())))) {
            server.post(
                    apps("deployments"), workload("d", "replicas: 1, revisionHistoryLimit: 0, ", template("pause")));
            var added = new ArrayList<String>();
            JsonNode event = watch.next();
            while (!event.path("type").asText().equals("DELETED")) {
                if (event.path("type").asText().equals("ADDED")) {
                    added.add(image(event.path("object")));
                }
                event = watch.next();
            }
            assertThat(image(event.path("object"))).isEqualTo("httpd");
            assertThat(added).as("the adopted set makes no pod anew").containsExactly("pause");
        }
        await(
                "one set",
                () -> server.items(apps("replicasets")).stream()
                        .map(set -> image(set.at("/spec/template")))
                        .toList()
                        .equals(List.of("pause")));
    }

    @Test
    @Conformance(
            value = "[sig-apps] Deployment deployment should support rollover [Conformance]",
            weaker = Conformance.NOTHING)
    void rollsOverFromAnImageThatNoNodeHas() throws IOException {
        byHand();
        String path = apps("deployments") + "/d";
        server.post(
                apps("deployments"),
                workload(
                        "d",
                        "replicas: 1, minReadySeconds: 1, strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}, ",
                        template("redis:nonexistent")));
        await("a pod that cannot start", () -> {
            JsonNode deployment = server.get(path);
            return deployment.at("/status/updatedReplicas").asInt() == 1
                    && deployment.at(REVISION).asText().equals("1");
        });
        await("both sets to have one pod", () -> replicas("httpd") == 1 && replicas("redis:nonexistent") == 1);

        try (Watched watch = server.watch(apps("deployments") + "?resourceVersion=" + version(server.get(path)))) {
            JsonNode changed = server.replace(
                    path,
                    deployment -> deployment
                            .withObject("/spec/template")
                            .set("spec", TestServer.tree("{containers: [{name: web, image: pause}]}")));
            long generation = changed.at("/metadata/generation").asLong();
            JsonNode done = watch.until("MODIFIED", deployment -> {
                JsonNode status = deployment.path("status");
                assertThat(wanted()).as("no more than it may surge").isLessThanOrEqualTo(2);
                assertThat(status.path("availableReplicas").asInt())
                        .as("never without a pod")
                        .isPositive();
                return status.path("observedGeneration").asLong() >= generation
                        && status.path("updatedReplicas").asInt() == 1
                        && status.path("availableReplicas").asInt() == 1
                        && status.path("replicas").asInt() == 1
                        && replicas("pause") == 1;
            });
            assertThat(done.at(REVISION).asText()).isEqualTo("2");
        }
        await("both sets to be empty", () -> replicas("httpd") == 0 && replicas("redis:nonexistent") == 0);
    }

    /// Of all sets together. What they have is told by each for itself, the one that ends later than the one that
    /// begins.
    /// Source: kubernetes/kubernetes, `GetReplicaCountForReplicaSets`.
    private int wanted() {
        return server.items(apps("replicasets")).stream()
                .mapToInt(set -> set.at("/spec/replicas").asInt())
                .sum();
    }

    @Test
    @Conformance(
            value = "[sig-apps] Deployment should run the lifecycle of a Deployment [Conformance]",
            weaker = Conformance.NOTHING)
    void livesOfDeployments() throws IOException {
        String path = apps("deployments") + "/d";
        String from = "&resourceVersion=" + version(server.get(apps("deployments")));
        try (Watched watch = server.watch(apps("deployments") + mine() + from)) {
            server.post(apps("deployments"), workload("d", "replicas: 2, ", template("one")));
            watch.expect("ADDED", "d");
            watch.until("MODIFIED", "/status/readyReplicas", "2");

            server.strategic(
                    path,
                    "{metadata: {labels: {d: patched}}, spec: {replicas: 1, template: {spec:"
                            + " {terminationGracePeriodSeconds: 2, containers: [{name: c, image: pause}]}}}}");
            watch.until("MODIFIED", "/metadata/labels/d", "patched");
            JsonNode patched = watch.until("MODIFIED", deployment -> complete(deployment, 1, "pause"));
            assertThat(patched.at("/spec/template/spec/terminationGracePeriodSeconds")
                            .asInt())
                    .isEqualTo(2);
            assertThat(patched.at("/spec/template/spec/containers")).hasSize(1);
            assertThat(server.items("/apis/apps/v1/deployments" + mine())).hasSize(1);

            server.replace(path, deployment -> {
                deployment.withObject("/metadata/labels").put("d", "updated");
                deployment.withObject("/spec").put("replicas", 2).set("template", TestServer.tree(template("httpd")));
            });
            watch.until("MODIFIED", "/metadata/labels/d", "updated");
            assertThat(image(server.get(path + "/status").at("/spec/template"))).isEqualTo("httpd");
            watch.until("MODIFIED", deployment -> complete(deployment, 2, "httpd"));

            JsonNode emptied = server.strategic(
                    path + "/status",
                    "{metadata: {labels: {d: patched-status}}, status: {readyReplicas: 0, availableReplicas: 0}}");
            assertThat(emptied.at("/status/readyReplicas").asInt()).isZero();
            watch.until("MODIFIED", "/metadata/resourceVersion", version(emptied));
            JsonNode status = server.get(path + "/status");
            assertThat(status.at("/metadata/labels/d").asText())
                    .as("a status writes no labels")
                    .isEqualTo("updated");
            assertThat(image(status.at("/spec/template"))).isEqualTo("httpd");
            // the controller knows better
            watch.until("MODIFIED", deployment -> complete(deployment, 2, "httpd"));

            server.delete(apps("deployments") + mine(), "{gracePeriodSeconds: 1}");
            watch.until("DELETED", "/metadata/name", "d");
        }
        await("everything to go", () -> server.items(pods()).isEmpty());
    }

    /// A replica set with a pod that runs, which a deployment of the same labels adopts.
    private void byHand() {
        server.post(
                apps("replicasets"),
                "{metadata: {name: hand, labels: {app: x, by: hand}}, spec: {replicas: 1, selector: {matchLabels: {app: x,"
                        + " by: hand}}, template: {metadata: {labels: {app: x, by: hand}}, spec: {containers: [{name: c,"
                        + " image: httpd}]}}}}");
        await(
                "its pod to be ready",
                () -> server.get(apps("replicasets") + "/hand")
                                .at("/status/readyReplicas")
                                .asInt()
                        == 1);
    }

    /// Pods that a replica set of this image wants and has; -1 while the two differ or there is none.
    private int replicas(String image) {
        return server.items(apps("replicasets")).stream()
                .filter(set -> image(set.at("/spec/template")).equals(image))
                .filter(set -> set.at("/spec/replicas").asInt()
                        == set.at("/status/replicas").asInt())
                .mapToInt(set -> set.at("/spec/replicas").asInt())
                .findFirst()
                .orElse(-1);
    }

    private static boolean complete(JsonNode deployment, int replicas, String image) {
        JsonNode status = deployment.path("status");
        return status.path("readyReplicas").asInt() == replicas
                && status.path("updatedReplicas").asInt() == replicas
                && status.path("unavailableReplicas").asInt() == 0
                && image(deployment.at("/spec/template")).equals(image);
    }

    private void awaitRunning(int count) {
        await(
                count + " running pods",
                () -> server.items(pods()).stream()
                                .filter(pod -> PodView.of(pod).isReady())
                                .count()
                        == count);
    }

    private List<String> images() {
        return server.items(pods()).stream().map(WorkloadsOnNodesTest::image).toList();
    }

    /// Of the first container of a pod or a template.
    private static String image(JsonNode pod) {
        return pod.at("/spec/containers/0/image").asText();
    }

    private String workload(String name, String more, String template) {
        return "{metadata: {name: " + name + ", labels: {life: " + namespace + "}}, spec: {" + more
                + "selector: {matchLabels: {app: x}}, template: " + template + "}}";
    }

    private static String template(String image) {
        return "{metadata: {labels: {app: x}}, spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: '"
                + image + "'}]}}";
    }

    private String mine() {
        return "?labelSelector=life=" + namespace;
    }

    private String pods() {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }

    private String apps(String plural) {
        return "/apis/apps/v1/namespaces/" + namespace + "/" + plural;
    }

    private static String version(JsonNode object) {
        return object.at("/metadata/resourceVersion").asText();
    }
}
