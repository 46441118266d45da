package io.insula.host.simulation;

import static io.insula.tenantapi.conformance.TestServer.MERGE;
import static io.insula.tenantapi.conformance.TestServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.conformance.TestServer;
import io.insula.tenantapi.conformance.Watched;
import io.insula.tenantapi.controllers.ControlledServer;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Pods, and what follows from them, as upstream's conformance tests tell it: over HTTP, with every controller, a
/// scheduler and simulated nodes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PodsConformanceTest {

    private static final int NODES = 2;

    private ControlledServer server;
    private String namespace = "";

    @BeforeAll
    void start() {
        server = new ControlledServer(NodesOfATest.controllers(NODES));
        await("schedulable nodes", () -> untainted().size() == NODES);
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
            value = "[sig-architecture] Conformance Tests should have at least two untainted nodes [Conformance]",
            weaker = Conformance.NOTHING)
    void hasTwoNodesThatTakeAnyPod() {
        assertThat(untainted()).hasSizeGreaterThanOrEqualTo(2).allSatisfy(node -> {
            assertThat(Condition.isTrue(node, "Ready")).isTrue();
            assertThat(node.at("/spec/unschedulable").asBoolean()).isFalse();
        });
    }

    @Test
    @Conformance(
            value = "[sig-node] Pods should get a host IP [NodeConformance] [Conformance]",
            weaker = Conformance.NOTHING)
    void hasTheAddressOfItsNode() {
        pod("p", "");
        JsonNode pod = awaitRunning("p");
        JsonNode node = server.get("/api/v1/nodes/" + PodView.of(pod).nodeName());
        assertThat(pod.at("/status/hostIP").asText())
                .isNotEmpty()
                .isEqualTo(pod.at("/status/hostIPs/0/ip").asText());
        assertThat(node.at("/status/addresses").findValuesAsText("address"))
                .contains(pod.at("/status/hostIP").asText());
    }

    @Test
    @Conformance(
            value = "[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]",
            weaker = Conformance.NOTHING)
    void isSubmittedAndRemoved() throws IOException {
        String mine = pods() + "?labelSelector=time=now";
        assertThat(server.items(mine)).isEmpty();
        try (Watched watch = server.watch(mine + "&resourceVersion=" + version(server.get(mine)))) {
            pod("p", "labels: {name: foo, time: now}");
            assertThat(server.items(mine)).hasSize(1);
            watch.expect("ADDED", "p");
            awaitRunning("p");

            server.delete(pods() + "/p", "{gracePeriodSeconds: 30}");
            JsonNode last = watch.until("DELETED", "/metadata/name", "p");
            assertThat(Meta.isBeingDeleted(last)).isTrue();
            assertThat(last.at("/spec/terminationGracePeriodSeconds").asInt()).isPositive();
        }
        assertThat(server.items(mine)).isEmpty();
    }

    @Test
    @Conformance(
            value = "[sig-node] Pods should be updated [NodeConformance] [Conformance]",
            weaker = Conformance.NOTHING)
    void isUpdated() {
        pod("p", "labels: {time: before}");
        awaitRunning("p");
        server.replace(pods() + "/p", pod -> pod.withObject("/metadata/labels").put("time", "after"));
        awaitRunning("p");
        assertThat(server.items(pods() + "?labelSelector=time=after")).hasSize(1);
        assertThat(server.items(pods() + "?labelSelector=time=before")).isEmpty();
    }

    @Test
    @Conformance(
            value = "[sig-node] Pods should allow activeDeadlineSeconds to be updated [NodeConformance] [Conformance]",
            weaker = Conformance.NOTHING)
    void isGivenADeadlineWhileItRuns() {
        pod("p", "");
        awaitRunning("p");
        server.replace(pods() + "/p", pod -> pod.withObject("/spec").put("activeDeadlineSeconds", 1));
        await("its end", () -> PodView.of(server.get(pods() + "/p")).phase().equals("Failed"));
        assertThat(server.get(pods() + "/p").at("/status/reason").asText()).isEqualTo("DeadlineExceeded");
    }

    /// What a kubelet waits for must not keep it from what is changed meanwhile.
    @Test
    void seesWhatIsChangedWhileItWaitsForItsDeadline() {
        server.post(
                pods(),
                "{metadata: {name: p}, spec: {activeDeadlineSeconds: 5000, containers: [{name: c, image: pause, command:"
                        + " [sleep, '3600']}]}}");
        awaitRunning("p");
        server.strategic(pods() + "/p", "{spec: {containers: [{name: c, image: httpd}]}}");
        await("its node to see the image", () -> {
            JsonNode pod = server.get(pods() + "/p");
            return pod.at("/status/observedGeneration").asLong() == 2
                    && pod.at("/status/containerStatuses/0/image").asText().equals("httpd");
        });
        server.strategic(pods() + "/p", "{spec: {activeDeadlineSeconds: 1}}");
        await("its end", () -> PodView.of(server.get(pods() + "/p")).phase().equals("Failed"));
    }

    @Test
    @Conformance(value = "[sig-node] Pods should patch a pod status [Conformance]", weaker = Conformance.NOTHING)
    void takesAPatchOfItsStatus() {
        pod("p", "");
        awaitRunning("p");
        JsonNode patched = server.http()
                .json(
                        200,
                        server.http()
                                .request(
                                        "PATCH",
                                        pods() + "/p/status",
                                        MERGE,
                                        "{metadata: {annotations: {patchedstatus: 'true'}}, status: {message: Patched"
                                                + " by a test, reason: E2E}}"));
        assertThat(patched.at("/status/message").asText()).isEqualTo("Patched by a test");
        assertThat(patched.at("/status/reason").asText()).isEqualTo("E2E");
    }

    @Test
    @Conformance(
            value = "[sig-node] Pods should run through the lifecycle of Pods and PodStatus [Conformance]",
            weaker = Conformance.NOTHING)
    void livesOfPods() throws IOException {
        String all = "/api/v1/pods?labelSelector=static=" + namespace;
        String path = pods() + "/p";
        try (Watched watch = server.watch(
                pods() + "?labelSelector=static=" + namespace + "&resourceVersion=" + version(server.get(all)))) {
            pod("p", "labels: {static: " + namespace + "}");
            watch.until("MODIFIED", "/status/phase", "Running");
            JsonNode running = awaitRunning("p");

            server.strategic(
                    path,
                    "{metadata: {labels: {test: patched}}, spec: {terminationGracePeriodSeconds: 1, containers: [{name:"
                            + " c, image: httpd}]}}");
            watch.until("MODIFIED", "/metadata/labels/test", "patched");
            JsonNode patched = server.get(path);
            assertThat(patched.at("/spec/containers/0/image").asText()).isEqualTo("httpd");
            assertThat(Long.parseLong(version(patched))).isGreaterThan(Long.parseLong(version(running)));

            JsonNode status = server.replace(
                    path + "/status",
                    pod -> pod.at("/status/conditions").forEach(condition -> {
                        if (List.of("Ready", "ContainersReady")
                                .contains(condition.path("type").asText())) {
                            ((ObjectNode) condition).put("status", "False");
                        }
                    }));
            assertThat(Condition.of(status, "Ready").isTrue()).isFalse();
            assertThat(Condition.of(status, "ContainersReady").isTrue()).isFalse();

            server.delete(pods() + "?labelSelector=static=" + namespace, "{gracePeriodSeconds: 1}");
            watch.until("DELETED", "/metadata/name", "p");
        }
        assertThat(server.http().has(path)).isFalse();
    }

    @Test
    @Conformance(
            value = {
                "[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass without PodOverhead"
                        + " [NodeConformance] [Conformance]",
                "[sig-node] RuntimeClass should schedule a Pod requesting a RuntimeClass and initialize its Overhead"
                        + " [NodeConformance] [Conformance]"
            },
            weaker = Conformance.NOTHING)
    void isScheduledWithTheOverheadOfItsRuntimeClass() {
        String classes = "/apis/node.k8s.io/v1/runtimeclasses";
        server.post(classes, "{metadata: {name: bare-" + namespace + "}, handler: test-handler}");
        server.post(
                classes,
                "{metadata: {name: heavy-" + namespace
                        + "}, handler: test-handler, overhead: {podFixed: {cpu: 10m, memory: 1Mi}}}");
        for (String kind : List.of("bare", "heavy")) {
            server.post(
                    pods(),
                    "{metadata: {name: " + kind + "}, spec: {runtimeClassName: " + kind + "-" + namespace
                            + ", containers: [{name: c, image: pause}]}}");
        }
        await(
                "both to be scheduled",
                () -> server.items(pods()).stream()
                                .filter(pod -> Condition.isTrue(pod, "PodScheduled")
                                        && !PodView.of(pod).nodeName().isEmpty())
                                .count()
                        == 2);
        assertThat(server.get(pods() + "/bare").path("spec").has("overhead")).isFalse();
        assertThat(server.get(pods() + "/heavy").at("/spec/overhead"))
                .isEqualTo(TestServer.tree("{cpu: 10m, memory: 1Mi}"));
    }

    @Test
    @Conformance(
            value = "[sig-apps] ControllerRevision [Serial] should manage the lifecycle of a ControllerRevision"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void livesOfControllerRevisions() {
        String mine = "?labelSelector=set=" + namespace;
        String revisions = apps("controllerrevisions");
        server.post(
                apps("daemonsets"),
                "{metadata: {name: d, labels: {set: %1$s}}, spec: {selector: {matchLabels: {set: %1$s}}, template: {metadata: {labels: {set: %1$s}}, spec: {terminationGracePeriodSeconds: 0, containers: [{name: app, image: httpd}]}}}}"
                        .formatted(namespace));
        await(
                "a pod on each node",
                () -> server.get(apps("daemonsets") + "/d")
                                .at("/status/numberReady")
                                .asInt()
                        == NODES);
        JsonNode set = server.get(apps("daemonsets") + "/d");
        assertThat(server.items("/apis/apps/v1/daemonsets" + mine)).hasSize(1);
        JsonNode first =
                server.items("/apis/apps/v1/controllerrevisions" + mine).getFirst();
        assertThat(server.items("/apis/apps/v1/controllerrevisions" + mine)).hasSize(1);
        assertThat(first.at("/metadata/ownerReferences/0/uid")).isEqualTo(set.at("/metadata/uid"));
        assertThat(first.at("/metadata/ownerReferences/0/kind").asText()).isEqualTo("DaemonSet");

        JsonNode patched =
                server.strategic(revisions + "/" + Meta.name(first), "{metadata: {labels: {of-the-test: patched}}}");
        assertThat(patched.at("/metadata/labels/of-the-test").asText()).isEqualTo("patched");
        assertThat(Long.parseLong(version(patched))).isGreaterThan(Long.parseLong(version(first)));

        JsonNode second = server.post(
                revisions,
                "{metadata: {name: d-second, labels: {set: %s, controller-revision-hash: second}, ownerReferences: %s}, data: %s, revision: %d}"
                        .formatted(
                                namespace,
                                first.at("/metadata/ownerReferences"),
                                first.path("data"),
                                first.path("revision").asLong() + 1));
        await("two revisions", () -> server.items(revisions + mine).size() == 2);
        server.delete(revisions + "/" + Meta.name(first), "");
        await("one revision", () -> server.items(revisions + mine).size() == 1);
        assertThat(Meta.name(server.items(revisions).getFirst())).isEqualTo(Meta.name(second));

        JsonNode updated = server.replace(
                revisions + "/d-second",
                revision -> revision.withObject("/metadata/labels").put("of-the-test", "updated"));
        assertThat(updated.at("/metadata/labels/of-the-test").asText()).isEqualTo("updated");
        server.strategic(apps("daemonsets") + "/d", "{spec: {template: {spec: {terminationGracePeriodSeconds: 1}}}}");
        await("two revisions", () -> server.items(revisions + mine).size() == 2);
        server.delete(revisions + "?labelSelector=of-the-test=updated", "");
        await("one revision", () -> server.items(revisions + mine).size() == 1);
        assertThat(server.items(revisions).getFirst().path("revision").asLong()).isEqualTo(3);
    }

    @Test
    @Conformance(
            value = "[sig-network] EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void hasItsPortsInTheSlicesOfItsServices() {
        String containers = "spec: {containers: [{name: c, image: nginx, ports: [";
        server.post(
                pods(),
                "{metadata: {name: one, labels: {one: 'on', both: 'on'}}, " + containers
                        + "{name: named, containerPort: 3000}]}]}}");
        server.post(
                pods(),
                "{metadata: {name: two, labels: {two: 'on', both: 'on'}}, " + containers
                        + "{name: named, containerPort: 3001}, {name: other, containerPort: 3002}]}]}}");
        service("by-number", "{one: 'on'}", "{name: example, port: 80, targetPort: 3000}");
        service("by-name", "{both: 'on'}", "{name: http, port: 80, targetPort: named}");
        String one = awaitRunning("one").at("/status/podIP").asText();
        String two = awaitRunning("two").at("/status/podIP").asText();

        await("a slice", () -> slices("by-number").equals(List.of(one + " one example TCP 3000")));
        List<String> named = List.of(one + " one http TCP 3000", two + " two http TCP 3001");
        await(
                "a slice for each port",
                () -> slices("by-name").equals(named.stream().sorted().toList()));
        await(
                "endpoints",
                () -> server.get(endpoints("by-name")).path("subsets").size() == 2);
        List<String> before = names("by-name");
        server.delete(slicesOf("by-name"), "");
        await(
                "new ones",
                () -> names("by-name").stream().noneMatch(before::contains)
                        && slices("by-name").equals(named.stream().sorted().toList()));
    }

    private void service(String name, String selector, String port) {
        server.post(
                "/api/v1/namespaces/" + namespace + "/services",
                "{metadata: {name: " + name + "}, spec: {publishNotReadyAddresses: true, selector: " + selector
                        + ", ports: [" + port + "]}}");
    }

    private String endpoints(String service) {
        return "/api/v1/namespaces/" + namespace + "/endpoints/" + service;
    }

    private String slicesOf(String service) {
        return "/apis/discovery.k8s.io/v1/namespaces/" + namespace
                + "/endpointslices?labelSelector=kubernetes.io/service-name=" + service;
    }

    private List<String> names(String service) {
        return server.items(slicesOf(service)).stream().map(Meta::name).toList();
    }

    /// Each endpoint as address, pod and port, in order.
    private List<String> slices(String service) {
        var all = new ArrayList<String>();
        for (JsonNode slice : server.items(slicesOf(service))) {
            for (JsonNode endpoint : slice.path("endpoints")) {
                for (JsonNode port : slice.path("ports")) {
                    all.add(String.join(
                            " ",
                            endpoint.at("/addresses/0").asText(),
                            endpoint.at("/targetRef/name").asText(),
                            port.path("name").asText(),
                            port.path("protocol").asText(),
                            port.path("port").asText()));
                }
            }
        }
        return all.stream().sorted().toList();
    }

    private List<JsonNode> untainted() {
        return server.items("/api/v1/nodes").stream()
                .filter(node -> node.at("/spec/taints").isEmpty())
                .toList();
    }

    /// @param labels `labels: {…}`, or nothing
    private void pod(String name, String labels) {
        server.post(
                pods(),
                "{metadata: {name: " + name + (labels.isEmpty() ? "" : ", " + labels)
                        + "}, spec: {terminationGracePeriodSeconds: 1, containers: [{name: c, image: pause}]}}");
    }

    private JsonNode awaitRunning(String name) {
        await(
                name + " to run",
                () -> PodView.of(server.get(pods() + "/" + name)).isReady());
        return server.get(pods() + "/" + name);
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
