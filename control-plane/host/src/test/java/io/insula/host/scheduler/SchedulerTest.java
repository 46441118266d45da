package io.insula.host.scheduler;

import static io.insula.tenantapi.controllers.ManagerFixture.await;
import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.ManagerFixture;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.view.Condition;
import io.insula.tenantapi.view.PodView;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The scheduler at work: what it binds where, and what it says of what it cannot.
final class SchedulerTest {

    private final ManagerFixture fixture = new ManagerFixture(Scheduler.factory());

    @AfterEach
    void stop() {
        fixture.close();
    }

    @Test
    void bindsAPodToTheNodeThatFits() {
        node("small", "1", "");
        node("large", "8", "");
        pod("p", cpus("4"));

        await("its node", () -> nodeOf("p").equals("large"));
        await("the word of it", () -> says("Scheduled", "Successfully assigned default/p to large"));
        assertThat(fixture.api.writes()).contains("bind pods p");
    }

    @Test
    void keepsOffATaintedNodeUntilTheTaintIsGone() {
        node("only", "8", "taints: [{key: dedicated, value: globex, effect: NoSchedule}]");
        pod("p", cpus("1"));
        String why = "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: globex}. preemption: 0/1"
                + " nodes are available: 1 Preemption is not helpful for scheduling.";

        await("the condition", () -> condition("p").path("message").asText().equals(why));
        assertThat(condition("p").path("reason").asText()).isEqualTo("Unschedulable");
        await("the event", () -> says("FailedScheduling", why));
        assertThat(nodeOf("p")).isEmpty();

        fixture.api.mergePatch(Resources.NODES, "", "only", "", parse("{spec: {taints: []}}"));
        await("its node", () -> nodeOf("p").equals("only"));
    }

    @Test
    void bindsATolerantPodToATaintedNode() {
        node("theirs", "8", "taints: [{key: dedicated, value: globex, effect: NoSchedule}]");
        pod("p", "tolerations: [{key: dedicated, value: globex}], " + cpus("1"));

        await("its node", () -> nodeOf("p").equals("theirs"));
    }

    /// What has just been bound counts, though no watch has told of it yet.
    @Test
    void givesNothingAwayTwice() {
        fixture.api.hold(Resources.PODS);
        for (String name : List.of("one", "two", "three")) {
            pod(name, cpus("3"));
        }
        node("n", "4", "");
        fixture.api.release(Resources.PODS);
        // who is judged before the node is seen there is judged again
        String why = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1"
                + " No preemption victims found for incoming pod.";
        await(
                "all to be judged",
                () -> List.of("one", "two", "three").stream()
                        .allMatch(p -> !nodeOf(p).isEmpty()
                                || condition(p).path("message").asText().equals(why)));

        List<String> bound = bound();
        assertThat(bound).hasSize(1);

        fixture.api.delete(Resources.PODS, "default", bound.getFirst(), parse("{gracePeriodSeconds: 0}"));
        await("the next one's turn", () -> bound().size() == 1);
        assertThat(bound()).doesNotContainAnyElementsOf(bound);
    }

    @Test
    void leavesAloneWhatIsNotItsOwn() {
        node("n", "8", "");
        pod("other", "schedulerName: another, " + cpus("1"));
        pod("gated", "schedulingGates: [{name: example.com/wait}], " + cpus("1"));
        pod("placed", "nodeName: elsewhere, " + cpus("1"));
        pod("fence", cpus("1"));

        await("what came later", () -> nodeOf("fence").equals("n"));
        assertThat(fixture.api.writes().stream().filter(w -> w.startsWith("bind")))
                .containsExactly("bind pods fence");
        assertThat(nodeOf("placed")).isEqualTo("elsewhere");

        fixture.api.mergePatch(Resources.PODS, "default", "gated", "", parse("{spec: {schedulingGates: []}}"));
        await("the gate to open", () -> nodeOf("gated").equals("n"));
    }

    @Test
    void saysThatThereAreNoNodes() {
        pod("p", cpus("1"));

        await(
                "the condition",
                () -> condition("p").path("message").asText().equals("no nodes available to schedule pods"));
        node("n", "8", "");
        await("its node", () -> nodeOf("p").equals("n"));
    }

    @Test
    void choosesANodeForAVolumeAndBindsWhenThereIsOne() {
        node("n", "8", "");
        fixture.create(
                Resources.STORAGE_CLASSES, "", "{metadata: {name: later}, volumeBindingMode: WaitForFirstConsumer}");
        fixture.create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "{kind: PersistentVolumeClaim, metadata: {name: data}, spec: {storageClassName: later}}");
        pod("p", "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}], " + cpus("1"));

        await("the choice", () -> "n".equals(Meta.annotations(claim()).get(VolumeClaims.SELECTED_NODE)));
        assertThat(nodeOf("p")).as("before there is a volume").isEmpty();

        fixture.create(Resources.PERSISTENT_VOLUMES, "", "{kind: PersistentVolume, metadata: {name: v}}");
        fixture.api.mergePatch(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "data",
                "",
                parse("{metadata: {annotations: {pv.kubernetes.io/bind-completed: 'yes'}}, spec: {volumeName: v}}"));
        await("its node", () -> nodeOf("p").equals("n"));
    }

    @Test
    void keepsAFreeVolumeOfTheNodeForAClaim() {
        node("n", "8", "");
        fixture.create(
                Resources.STORAGE_CLASSES,
                "",
                "{metadata: {name: local}, volumeBindingMode: WaitForFirstConsumer, provisioner:"
                        + " kubernetes.io/no-provisioner}");
        fixture.create(
                Resources.PERSISTENT_VOLUME_CLAIMS,
                "default",
                "{kind: PersistentVolumeClaim, metadata: {name: data}, spec: {storageClassName: local}}");
        pod("p", "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}], " + cpus("1"));
        await("the word of it", () -> condition("p").path("message").asText().contains(PodVolumes.NONE_TO_BIND));

        fixture.create(
                Resources.PERSISTENT_VOLUMES,
                "",
                "{kind: PersistentVolume, metadata: {name: v}, spec: {storageClassName: local}, status: {phase: Available}}");

        await(
                "the volume's claim",
                () -> fixture.get(Resources.PERSISTENT_VOLUMES, "", "v")
                        .at("/spec/claimRef/name")
                        .asText("")
                        .equals("data"));
        assertThat(nodeOf("p")).as("before it is bound").isEmpty();
    }

    /// Victims end in their own time; what they leave is kept for the pod that they went for.
    @Test
    void makesRoomForWhatIsMoreImportant() {
        node("n", "4", "");
        pod("low", "priority: 1, " + cpus("4"));
        await("its node", () -> nodeOf("low").equals("n"));

        pod("high", "priority: 100, " + cpus("3"));

        await("the victim's end", () -> Meta.isBeingDeleted(fixture.get(Resources.PODS, "default", "low")));
        assertThat(Condition.of(fixture.get(Resources.PODS, "default", "low"), "DisruptionTarget")
                        .reason())
                .isEqualTo("PreemptionByScheduler");
        await(
                "the promise",
                () -> fixture.get(Resources.PODS, "default", "high")
                        .at("/status/nominatedNodeName")
                        .asText("")
                        .equals("n"));
        pod("thief", "priority: 50, " + cpus("2"));
        fixture.api.delete(Resources.PODS, "default", "low", parse("{gracePeriodSeconds: 0}"));

        await("its node", () -> nodeOf("high").equals("n"));
        assertThat(nodeOf("thief")).isEmpty();
        assertThat(fixture.list(Resources.EVENTS, "default"))
                .anyMatch(event -> event.path("reason").asText().equals("Preempted"));
    }

    @Test
    void preemptsNobodyForWhoeverNeverDoes() {
        node("n", "4", "");
        pod("low", "priority: 1, " + cpus("4"));
        await("its node", () -> nodeOf("low").equals("n"));

        pod("polite", "priority: 100, preemptionPolicy: Never, " + cpus("3"));

        await(
                "the word of it",
                () -> condition("polite").path("message").asText().endsWith(Messages.NEVER));
        assertThat(Meta.isBeingDeleted(fixture.get(Resources.PODS, "default", "low")))
                .isFalse();
    }

    @Test
    void waitsForAPodToBeNear() {
        node("n", "4", "");
        String near = "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: disk,"
                + " labelSelector: {matchLabels: {app: db}}}]}}, ";
        fixture.api.mergePatch(Resources.NODES, "", "n", "", parse("{metadata: {labels: {disk: ssd}}}"));
        pod("web", near + cpus("1"));
        await("the word of it", () -> condition("web").path("message").asText().contains(InterPodAffinity.NOT_NEAR));

        fixture.create(
                Resources.PODS,
                "default",
                "{kind: Pod, metadata: {name: db, labels: {app: db}}, spec: {" + cpus("1") + "}}");

        await("its node", () -> nodeOf("web").equals("n"));
    }

    @Test
    void spreadsSiblings() {
        node("a", "8", "");
        node("b", "8", "");
        fixture.api.mergePatch(
                Resources.NODES, "", "a", "", parse("{metadata: {labels: {kubernetes.io/hostname: a}}}"));
        fixture.api.mergePatch(
                Resources.NODES, "", "b", "", parse("{metadata: {labels: {kubernetes.io/hostname: b}}}"));
        for (String name : List.of("one", "two")) {
            fixture.create(
                    Resources.PODS,
                    "default",
                    "{kind: Pod, metadata: {name: " + name + ", ownerReferences: [{kind: ReplicaSet, name: r, uid: u,"
                            + " controller: true}]}, spec: {" + cpus("100m") + "}}");
        }
        await("both", () -> bound().size() == 2);
        assertThat(List.of(nodeOf("one"), nodeOf("two"))).containsExactlyInAnyOrder("a", "b");
    }

    private static String cpus(String amount) {
        return "containers: [{name: c, image: i, resources: {requests: {cpu: " + amount + "}}}]";
    }

    private void node(String name, String cpus, String spec) {
        fixture.create(
                Resources.NODES,
                "",
                "{kind: Node, metadata: {name: " + name + "}, spec: {" + spec + "}, status: {allocatable: {cpu: '"
                        + cpus + "', memory: 8Gi, pods: '10'}, conditions: [{type: Ready, status: 'True'}]}}");
    }

    private void pod(String name, String spec) {
        fixture.create(Resources.PODS, "default", "{kind: Pod, metadata: {name: " + name + "}, spec: {" + spec + "}}");
    }

    private ObjectNode claim() {
        return fixture.get(Resources.PERSISTENT_VOLUME_CLAIMS, "default", "data");
    }

    private List<String> bound() {
        return fixture.list(Resources.PODS, "default").stream()
                .filter(pod -> PodView.of(pod).isBound())
                .map(Meta::name)
                .toList();
    }

    private String nodeOf(String pod) {
        return PodView.of(fixture.get(Resources.PODS, "default", pod)).nodeName();
    }

    private JsonNode condition(String pod) {
        return Condition.of(fixture.get(Resources.PODS, "default", pod), "PodScheduled")
                .tree();
    }

    private boolean says(String reason, String message) {
        return fixture.list(Resources.EVENTS, "default").stream()
                .anyMatch(event -> Objects.equals(event.path("reason").asText(), reason)
                        && Objects.equals(
                                event.path("message").asText(event.path("note").asText()), message));
    }
}
