package io.insula.host.scheduler;

import static io.insula.tenantapi.conformance.TestServer.JSON;
import static io.insula.tenantapi.conformance.TestServer.STRATEGIC;
import static io.insula.tenantapi.conformance.TestServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.simulation.NodesOfATest;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.conformance.Watched;
import io.insula.tenantapi.controllers.ControlledServer;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Where pods go, and which make room, as upstream's conformance tests tell it: over HTTP, with every controller and
/// simulated nodes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SchedulingConformanceTest {

    private static final String RESOURCE = "example.com/room";
    private static final String CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses";

    private ControlledServer server;
    private List<String> nodes = List.of();
    private String namespace = "";

    @BeforeAll
    void start() {
        server = new ControlledServer(NodesOfATest.controllers(2));
        await("schedulable nodes", () -> {
            nodes = server.items("/api/v1/nodes").stream()
                    .filter(node -> node.at("/spec/taints").isEmpty())
                    .map(Meta::name)
                    .toList();
            return nodes.size() == 2;
        });
        Map.of("low", 1, "medium", 100, "high", 1000)
                .forEach((name, value) ->
                        server.post(CLASSES, "{metadata: {name: " + name + "}, value: " + value + "}"));
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = server.namespace();
    }

    /// What a test leaves is in the way of the next one's.
    @AfterEach
    void freeNodes() {
        server.delete("/api/v1/namespaces/" + namespace, "");
        await("its end", () -> !server.http().has("/api/v1/namespaces/" + namespace));
    }

    @Test
    @Conformance(
            value =
                    "[sig-scheduling] SchedulerPredicates [Serial] validates resource limits of pods that are allowed to"
                            + " run [Conformance]",
            weaker = Conformance.NOTHING)
    void givesNoNodeMoreThanItHas() {
        long most = 0;
        for (String node : nodes) {
            long free = Long.parseLong(server.get("/api/v1/nodes/" + node)
                            .at("/status/allocatable/cpu")
                            .asText())
                    * 1000;
            most = Math.max(most, free);
            pod("filler-" + node, at(node) + amount("cpu", free * 7 / 10 + "m"));
        }
        nodes.forEach(node -> awaitRunning("filler-" + node));
        pod("additional", amount("cpu", most / 2 + "m"));
        awaitFailedScheduling("additional");
        assertThat(unscheduled()).containsExactly("additional");
    }

    @Test
    @Conformance(
            value =
                    "[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if not matching"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void findsNoNodeForASelectorThatMatchesNone() {
        pod("restricted", "nodeSelector: {label: nonempty}, " + container(""));
        awaitFailedScheduling("restricted");
        assertThat(unscheduled()).containsExactly("restricted");
    }

    @Test
    @Conformance(
            value = "[sig-scheduling] SchedulerPredicates [Serial] validates that NodeSelector is respected if matching"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void findsTheNodeWithTheLabel() {
        for (String node : nodes) {
            label(node, "'42'");
            pod("with-" + node, "nodeSelector: {kubernetes.io/of-the-test: '42'}, " + container(""));
            awaitRunning("with-" + node);
            assertThat(nodeOf("with-" + node)).isEqualTo(node);
            label(node, "null");
        }
    }

    @Test
    @Conformance(
            value =
                    "[sig-scheduling] SchedulerPredicates [Serial] validates that there exists conflict between pods with"
                            + " same hostPort and protocol but one using 0.0.0.0 hostIP [Conformance]",
            weaker = Conformance.NOTHING)
    void givesAPortOfANodeOnlyOnce() {
        label(nodes.getFirst(), "'95'");
        String address = server.get("/api/v1/nodes/" + nodes.getFirst())
                .at("/status/addresses/0/address")
                .asText();
        String port = "containerPort: 8080, hostPort: 54322, protocol: TCP";
        String there = "nodeSelector: {kubernetes.io/of-the-test: '95'}, ";
        pod("any", there + container("ports: [{" + port + "}]"));
        awaitRunning("any");
        pod("one", there + container("ports: [{" + port + ", hostIP: " + address + "}]"));
        awaitFailedScheduling("one");
        assertThat(unscheduled()).containsExactly("one");
        label(nodes.getFirst(), "null");
    }

    @Test
    @Conformance(
            value = "[sig-scheduling] SchedulerPreemption [Serial] validates basic preemption works [Conformance]",
            weaker = Conformance.NOTHING)
    void makesRoomAtTheLowestPriority() {
        makesRoomFor(namespace, "priorityClassName: high, ");
    }

    @Test
    @Conformance(
            value =
                    "[sig-scheduling] SchedulerPreemption [Serial] validates lower priority pod preemption by critical pod"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void makesRoomForACriticalPod() {
        await("the account", () -> server.http().has("/api/v1/namespaces/kube-system/serviceaccounts/default"));
        makesRoomFor("kube-system", "priorityClassName: system-cluster-critical, ");
        server.delete("/api/v1/namespaces/kube-system/pods/preemptor", "{gracePeriodSeconds: 0}");
    }

    /// Of two pods on each node that fill four fifths, one is of low priority: it goes, and no other.
    private void makesRoomFor(String where, String priority) {
        for (String node : nodes) {
            advertise(node, "'5'");
            for (int i = 0; i < 2; i++) {
                boolean victim = node.equals(nodes.getFirst()) && i == 0;
                pod(
                        node + "-" + i,
                        "priorityClassName: " + (victim ? "low" : "medium") + ", " + at(node)
                                + amount(RESOURCE, "'2'"));
            }
        }
        nodes.forEach(node -> {
            awaitRunning(node + "-0");
            awaitRunning(node + "-1");
        });
        post(where, "preemptor", priority + amount(RESOURCE, "'2'"));
        await(
                "the preemptor",
                () -> PodView.of(server.get("/api/v1/namespaces/" + where + "/pods/preemptor"))
                        .isReady());

        String victim = nodes.getFirst() + "-0";
        List<JsonNode> left = server.items(pods()).stream()
                .filter(pod -> !Meta.isBeingDeleted(pod))
                .toList();
        assertThat(left).noneMatch(pod -> Meta.name(pod).equals(victim));
        assertThat(left.stream().filter(pod -> !Meta.name(pod).equals("preemptor")))
                .hasSize(2 * nodes.size() - 1);
    }

    @Test
    @Conformance(
            value = "[sig-scheduling] SchedulerPreemption [Serial] validates pod disruption condition is added to the"
                    + " preempted pod [Conformance]",
            weaker = Conformance.NOTHING)
    void saysOfAVictimWhyItEnds() {
        String node = nodes.getFirst();
        advertise(node, "'1'");
        server.post(
                pods(),
                "{metadata: {name: victim, finalizers: [example.com/of-the-test]}, spec: {priorityClassName: low, "
                        + at(node) + amount(RESOURCE, "'1'") + "}}");
        awaitRunning("victim");
        pod("preemptor", "priorityClassName: high, " + at(node) + amount(RESOURCE, "'1'"));
        await("the victim's end", () -> Meta.isBeingDeleted(server.get(pods() + "/victim")));
        assertThat(Condition.isTrue(server.get(pods() + "/victim"), "DisruptionTarget"))
                .isTrue();
        server.replace(pods() + "/victim", pod -> pod.withObject("/metadata").remove("finalizers"));
    }

    @Test
    @Conformance(
            value = "[sig-scheduling] SchedulerPreemption [Serial] PreemptionExecutionPath runs ReplicaSets to verify"
                    + " preemption running path [Conformance]",
            weaker = Conformance.NOTHING)
    void takesNoMoreVictimsThanItNeeds() throws IOException {
        String node = nodes.getFirst();
        advertise(node, "1000");
        for (int i = 1; i <= 4; i++) {
            if (!server.http().has(CLASSES + "/p" + i)) {
                server.post(CLASSES, "{metadata: {name: p" + i + "}, value: " + i + "}");
            }
        }
        var made = new HashMap<String, Integer>();
        try (Watched watch = server.watch(pods() + "?resourceVersion="
                + server.get(pods()).at("/metadata/resourceVersion").asText())) {
            int[] amounts = {200, 300, 450};
            for (int i = 1; i <= 3; i++) {
                set(
                        "rs" + i,
                        "priorityClassName: p" + i + ", " + at(node) + amount(RESOURCE, "'" + amounts[i - 1] + "'"));
            }
            pod("fourth", "priorityClassName: p4, " + at(node) + amount(RESOURCE, "'500'"));
            await("the preemptor's node", () -> nodeOf("fourth").equals(node));
            await("both sets to make another pod", () -> unscheduled().size() == 2);
            pod("fence", "schedulingGates: [{name: example.com/fence}], " + container(""));
            JsonNode event = watch.next();
            while (!Meta.name(event.path("object")).equals("fence")) {
                String owner =
                        event.at("/object/metadata/ownerReferences/0/name").asText();
                if (event.path("type").asText().equals("ADDED") && !owner.isEmpty()) {
                    made.merge(owner, 1, Integer::sum);
                }
                event = watch.next();
            }
        }
        assertThat(made).isEqualTo(Map.of("rs1", 2, "rs2", 2, "rs3", 1));
    }

    private void set(String name, String spec) {
        server.post(
                "/apis/apps/v1/namespaces/" + namespace + "/replicasets",
                "{metadata: {name: %1$s}, spec: {replicas: 1, selector: {matchLabels: {name: %1$s}}, template: {metadata: {labels: {name: %1$s}}, spec: {terminationGracePeriodSeconds: 0, %2$s}}}}"
                        .formatted(name, spec));
        await(
                name + " to run",
                () -> server.get("/apis/apps/v1/namespaces/" + namespace + "/replicasets/" + name)
                                .at("/status/readyReplicas")
                                .asInt()
                        == 1);
    }

    @Test
    @Conformance(
            value =
                    "[sig-scheduling] SchedulerPreemption [Serial] PriorityClass endpoints verify PriorityClass endpoints"
                            + " can be operated with different HTTP methods [Conformance]",
            weaker = Conformance.NOTHING)
    void livesOfPriorityClasses() {
        for (String name : List.of("low", "high")) {
            String path = CLASSES + "/" + name;
            JsonNode before = server.get(path);
            server.http().refused(422, server.http().request("PATCH", path, STRATEGIC, "{value: 7}"));
            JsonNode changed = before.deepCopy();
            ((ObjectNode) changed).put("value", 7);
            server.http().refused(422, server.http().raw("PUT", path, JSON, Json.bytes(changed)));

            server.strategic(path, "{description: patched}");
            JsonNode after = server.replace(path, priority -> priority.put("description", "updated"));
            assertThat(after.path("value")).isEqualTo(before.path("value"));
            assertThat(after.path("description").asText()).isEqualTo("updated");
            assertThat(after.at("/metadata/resourceVersion").asLong())
                    .isGreaterThan(before.at("/metadata/resourceVersion").asLong());
        }
        assertThat(server.items(CLASSES).stream().map(Meta::name)).contains("low", "medium", "high");
    }

    private void advertise(String node, String amount) {
        String list = "{" + RESOURCE + ": " + amount + "}";
        server.strategic(
                "/api/v1/nodes/" + node + "/status", "{status: {capacity: " + list + ", allocatable: " + list + "}}");
    }

    private void label(String node, String value) {
        server.strategic("/api/v1/nodes/" + node, "{metadata: {labels: {kubernetes.io/of-the-test: " + value + "}}}");
    }

    private static String at(String node) {
        return "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields:"
                + " [{key: metadata.name, operator: In, values: [" + node + "]}]}]}}}, ";
    }

    private static String amount(String resource, String amount) {
        String list = "{" + resource + ": " + amount + "}";
        return container("resources: {requests: " + list + ", limits: " + list + "}");
    }

    private static String container(String more) {
        return "containers: [{name: c, image: pause" + (more.isEmpty() ? "" : ", " + more) + "}]";
    }

    private void pod(String name, String spec) {
        post(namespace, name, "terminationGracePeriodSeconds: 0, " + spec);
    }

    private void post(String where, String name, String spec) {
        server.post("/api/v1/namespaces/" + where + "/pods", "{metadata: {name: " + name + "}, spec: {" + spec + "}}");
    }

    private void awaitRunning(String name) {
        await(
                name + " to run",
                () -> PodView.of(server.get(pods() + "/" + name)).isReady());
    }

    private void awaitFailedScheduling(String name) {
        await(
                "the word of it",
                () -> server.items("/api/v1/namespaces/" + namespace + "/events").stream()
                        .anyMatch(event -> event.path("reason").asText().equals("FailedScheduling")
                                && event.at("/involvedObject/name").asText().equals(name)));
    }

    private List<String> unscheduled() {
        return server.items(pods()).stream()
                .filter(pod -> PodView.of(pod).nodeName().isEmpty())
                .map(Meta::name)
                .toList();
    }

    private String nodeOf(String name) {
        return PodView.of(server.get(pods() + "/" + name)).nodeName();
    }

    private String pods() {
        return "/api/v1/namespaces/" + namespace + "/pods";
    }
}
