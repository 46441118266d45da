package io.insula.it;

import static io.insula.tenantapi.conformance.TestServer.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.host.scheduler.Scheduler;
import io.insula.host.simulation.NodePool;
import io.insula.host.simulation.SimulatedNodes;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.conformance.Conformance;
import io.insula.tenantapi.controllers.ControlledServer;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.view.PodView;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Upstream's conformance tests that drive kubectl where pods run: an API server with every controller, a scheduler and
/// simulated nodes.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class KubectlOnNodesTest {

    private static final String CONTROLLER = """
            {apiVersion: v1, kind: ReplicationController, metadata: {name: primary, labels: {app: store, role: primary}},
             spec: {replicas: 1, selector: {app: store, role: primary}, template: {metadata: {labels: {app: store, role:
             primary}}, spec: {containers: [{name: primary, image: "example.org/store:1", ports: [{name: server,
             containerPort: 6379}]}]}}}}""";
    private static final String SERVICE = """
            {apiVersion: v1, kind: Service, metadata: {name: primary, labels: {app: store, role: primary}}, spec:
             {ports: [{port: 6379, targetPort: server}], selector: {app: store, role: primary}}}""";

    @TempDir
    private static Path folder;

    private ControlledServer server;
    private Kubectl kubectl;
    private String namespace = "";

    @BeforeAll
    void start() throws IOException {
        var nodes = new ArrayList<ControllerFactory>();
        nodes.add(Scheduler.factory());
        nodes.addAll(SimulatedNodes.controllers(List.of(NodePool.bareMetal(1)), Duration.ofMillis(10)));
        server = new ControlledServer(nodes);
        Path kubeconfig = folder.resolve("kubeconfig");
        server.http().local().writeKubeconfig(kubeconfig);
        kubectl = Kubectl.with(kubeconfig);
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
                    "[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information"
                            + " for rc and pods [Conformance]",
            weaker = Conformance.NOTHING)
    void describesWhatRuns() {
        create(CONTROLLER);
        create(SERVICE);
        String pod = Meta.name(awaitRunning());

        says(
                "pod " + pod,
                "Name: +primary-",
                "Namespace: +" + namespace,
                "Node: +\\S+",
                "Labels: +app=store",
                "role=primary",
                "Annotations:",
                "Status: +Running",
                "IP: +\\d",
                "Controlled By: +ReplicationController/primary",
                "Image: +example.org/store:1",
                "State: +Running",
                "QoS Class: +BestEffort");
        await("the controller's word of it", () -> described("rc primary").contains("1 Running / 0 Waiting"));
        says(
                "rc primary",
                "Name: +primary",
                "Namespace: +" + namespace,
                "Selector: +app=store,role=primary",
                "Labels: +app=store",
                "role=primary",
                "Annotations:",
                "Replicas: +1 current / 1 desired",
                "Pods Status: +1 Running / 0 Waiting / 0 Succeeded / 0 Failed",
                "Pod Template:",
                "Image: +example.org/store:1",
                "Events:");
        says(
                "service primary",
                "Name: +primary",
                "Namespace: +" + namespace,
                "Labels: +app=store",
                "role=primary",
                "Annotations:",
                "Selector: +app=store,role=primary",
                "Type: +ClusterIP",
                "IP: +\\d",
                "Port: +<unset> +6379/TCP",
                "Endpoints:",
                "Session Affinity: +None");
        String node = Meta.name(server.items("/api/v1/nodes?fieldSelector=spec.unschedulable=false")
                .getFirst());
        says(
                "node " + node,
                "Name: +" + node,
                "Labels:",
                "Annotations:",
                "CreationTimestamp:",
                "Conditions:",
                "Type +Status +LastHeartbeatTime +LastTransitionTime +Reason +Message",
                "Addresses:",
                "Capacity:",
                "Kernel Version:",
                "OS Image:",
                "Container Runtime Version:",
                "Kubelet Version:",
                "Pods:");
        says("namespace " + namespace, "Name: +" + namespace, "Labels:", "Annotations:", "Status: +Active");
    }

    @Test
    @Conformance(
            value = "[sig-cli] Kubectl client Kubectl label should update the label on a resource [Conformance]",
            weaker = Conformance.NOTHING)
    void labelsAPodThatRuns() {
        in("run pause --image=pause");
        awaitRunning();
        in("label pods pause testing-label=testing-label-value");
        assertThat(in("get pod pause -L testing-label")).contains("testing-label-value");
        in("label pods pause testing-label-");
        assertThat(in("get pod pause -L testing-label")).doesNotContain("testing-label-value");
    }

    @Test
    @Conformance(
            value = "[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc [Conformance]",
            weaker = Conformance.NOTHING)
    void annotatesThePodsOfAController() {
        create(CONTROLLER);
        String pod = Meta.name(awaitRunning());
        in("patch pod " + pod + " -p {\"metadata\":{\"annotations\":{\"x\":\"y\"}}}");
        assertThat(pods())
                .hasSize(1)
                .allSatisfy(one -> assertThat(Meta.annotations(one)).containsEntry("x", "y"));
    }

    @Test
    @Conformance(
            value =
                    "[sig-cli] Kubectl client Kubectl replace should update a single-container pod's image [Conformance]",
            weaker = Conformance.NOTHING)
    void replacesTheImageOfAPodThatRuns() {
        in("run httpd --image=example.org/one:1 --pod-running-timeout=2m0s --labels=run=httpd");
        awaitRunning();
        String pod = in("get pod httpd -o json");
        assertThat(pod).contains("\"httpd\"");
        create(pod.replaceFirst("example.org/one:1", "example.org/two:2"), "replace");
        assertThat(pods().getFirst().at("/spec/containers/0/image").asText()).isEqualTo("example.org/two:2");
    }

    private void create(String object) {
        create(object, "create");
    }

    private void create(String object, String verb) {
        kubectl.runWith(object, verb, "-n", namespace, "-f", "-").ok();
    }

    private String in(String words) {
        return kubectl.ok(words + " -n " + namespace);
    }

    private String described(String what) {
        return in("describe " + what);
    }

    private void says(String what, String... patterns) {
        String text = described(what);
        for (String pattern : patterns) {
            assertThat(text).containsPattern(pattern);
        }
    }

    private JsonNode awaitRunning() {
        await(
                "a pod that runs",
                () -> pods().stream().anyMatch(pod -> PodView.of(pod).isReady()));
        return pods().getFirst();
    }

    private List<JsonNode> pods() {
        return server.items("/api/v1/namespaces/" + namespace + "/pods");
    }
}
