package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.NullNode;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.EndInTenant;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Who makes room for a pod of higher priority where what is short is the tenant's own. The tenant says that `n1` and
/// `n2` have two of `example.com/foo` each, and `n3` none.
class OwnPreemptionTest {

    private final PodSyncer pods = new PodSyncer(Beans.profiles());

    /// @param there pods and disruption budgets of the tenant's
    /// @param want `NODE: VICTIM …`, `waits` for a pod that waits for nobody, `goes to …` for one that has room
    record Case(String name, List<HasMetadata> there, Pod pod, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        Pod high = pod("high", 100, 1, "");
        var full = List.of(on("a", "n1", 1, 1), on("b", "n1", 5, 1), on("c", "n2", 9, 2));
        return Stream.of(
                new Case("room", List.of(on("a", "n1", 1, 1), on("c", "n2", 9, 2)), high, "goes to n1"),
                new Case("the least important", List.copyOf(full), high, "n1: a"),
                new Case("all that it takes", List.copyOf(full), pod("high", 100, 2, ""), "n1: b a"),
                new Case("only what is lower", List.of(on("a", "n1", 100, 2), on("c", "n2", 101, 2)), high, "waits"),
                new Case("never", List.copyOf(full), pod("high", 100, 1, "preemptionPolicy: Never, "), "waits"),
                new Case("more than there is", List.copyOf(full), pod("high", 100, 3, ""), "waits"),
                new Case(
                        "a node that the pod does not ask for",
                        List.copyOf(full),
                        pod("high", 100, 1, "nodeSelector: {disk: b}, "),
                        "n2: c"),
                new Case(
                        "a budget that keeps the least important",
                        List.of(on("a", "n1", 1, 2), on("c", "n2", 9, 2), budget("a", 0)),
                        high,
                        "n2: c"),
                new Case(
                        "a budget that lets one go",
                        List.of(on("a", "n1", 1, 2), on("c", "n2", 9, 2), budget("a", 1)),
                        high,
                        "n1: a"),
                new Case(
                        "budgets everywhere",
                        List.of(on("a", "n1", 1, 2), on("c", "n2", 9, 2), budget("a", 0), budget("c", 0)),
                        high,
                        "n1: a"),
                new Case(
                        "a budget of another namespace",
                        List.of(on("a", "n1", 1, 2), on("c", "n2", 9, 2), elsewhere(budget("a", 0))),
                        high,
                        "n1: a"),
                new Case(
                        "the fewer",
                        List.of(on("a", "n1", 5, 1), on("b", "n1", 5, 1), on("c", "n2", 5, 2)),
                        pod("high", 100, 2, ""),
                        "n2: c"),
                new Case(
                        "the younger",
                        List.of(since("03", on("a", "n1", 5, 2)), since("04", on("c", "n2", 5, 2))),
                        high,
                        "n2: c"),
                new Case(
                        "who has ended takes nothing",
                        List.of(ended(on("a", "n1", 1, 2)), on("c", "n2", 9, 2)),
                        high,
                        "goes to n1"),
                new Case(
                        "who is going already is waited for",
                        List.of(going(on("a", "n1", 1, 2)), on("c", "n2", 9, 2)),
                        nominated("n1", high),
                        "waits for pods of lower priority to make room"),
                new Case(
                        "room that is made for another",
                        List.of(nominated("n1", pod("higher", 200, 2, "")), on("c", "n2", 9, 2)),
                        high,
                        "n2: c"),
                new Case(
                        "room that is made for one of lower priority",
                        List.of(nominated("n1", pod("lower", 50, 2, "")), on("c", "n2", 9, 2)),
                        high,
                        "goes to n1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void makesRoomAsUpstreamDoes(Case each) {
        assertThat(told(decided(each.there(), each.pod()))).isEqualTo(each.want());
    }

    /// Jobs have rules about it, people read of it, and the pod says where it waits for room.
    @Test
    void saysWhyPodsGo() {
        var changes = decided(List.of(on("a", "n1", 1, 2), on("c", "n2", 9, 2)), pod("high", 100, 1, ""));

        assertThat(changes)
                .filteredOn(ApplyToTenant.class::isInstance)
                .extracting(each -> ((Event) ((ApplyToTenant) each).wanted()))
                .extracting(event ->
                        event.getInvolvedObject().getName() + " " + event.getReason() + ": " + event.getMessage())
                .containsExactly(
                        "high FailedScheduling: 0/3 nodes are available: 3 Insufficient example.com/foo.",
                        "a Preempted: Preempted by pod u-high on node n1");
        assertThat(changes)
                .filteredOn(PatchTenant.class::isInstance)
                .extracting(each -> ((PatchTenant) each).current().getMetadata().getName() + " "
                        + ((PatchTenant) each).patch().path("status"))
                .anyMatch(each -> each.startsWith("high ") && each.endsWith("\"nominatedNodeName\":\"n1\"}"))
                .anyMatch(each -> each.startsWith("a ") && each.contains("PreemptionByScheduler"));
    }

    /// Who keeps no place for it any longer must not keep one from others.
    @Test
    void takesBackWhatWasPromisedWhereThereIsNoRoom() {
        var full = List.of(on("a", "n1", 200, 2), on("c", "n2", 200, 2));

        assertThat(decided(full, nominated("n1", pod("high", 100, 1, ""))))
                .filteredOn(PatchTenant.class::isInstance)
                .singleElement()
                .satisfies(each -> assertThat(((PatchTenant) each).patch().at("/status/nominatedNodeName"))
                        .isEqualTo(NullNode.getInstance()));
    }

    /// A tenant that gives its pod the highest priority of all, and says what its Nodes have: the pods of others that
    /// are on the same machines, the host's and another tenant's, stay. Not even a change of theirs is asked for.
    @Test
    void endsNobodyElsesPods() {
        var greedy = pod("high", Integer.MAX_VALUE, 1, "priorityClassName: system-node-critical, ");
        var mine = List.of(on("a", "n1", 1, 2), on("c", "n2", 9, 2));

        var changes = decided(mine, greedy, elses("kube-system", "dns"), elses("insula-globex", "a-1"));

        assertThat(told(changes)).isEqualTo("n1: a");
        assertThat(changes)
                .allMatch(each -> each instanceof EndInTenant
                        || each instanceof PatchTenant
                        || each instanceof ApplyToTenant
                        || each instanceof LookAgain);
    }

    private List<Change> decided(List<? extends HasMetadata> there, Pod pod, HasMetadata... onHost) {
        var objects =
                new ArrayList<HasMetadata>(List.of(tenant("n1", "a", 2), tenant("n2", "b", 2), tenant("n3", "a", 0)));
        objects.addAll(there);
        objects.add(pod);
        var view = FixedView.of("runc", host("n1", "a"), host("n2", "b"), host("n3", "a"))
                .withHost(onHost)
                .withTenant(objects.toArray(HasMetadata[]::new));
        return pods.decide(new TenantOnly<>(pod), view);
    }

    private static String told(List<Change> changes) {
        var victims = changes.stream()
                .filter(EndInTenant.class::isInstance)
                .map(each -> Kinds.name(((EndInTenant) each).tenant()))
                .toList();
        if (!victims.isEmpty()) {
            String node = changes.stream()
                    .filter(PatchTenant.class::isInstance)
                    .map(each -> ((PatchTenant) each)
                            .patch()
                            .at("/status/nominatedNodeName")
                            .asText(""))
                    .filter(name -> !name.isEmpty())
                    .findFirst()
                    .orElse("");
            return node + ": " + String.join(" ", victims);
        }
        if (changes.getFirst() instanceof CreateOnHost created) {
            return ((Pod) created.wanted())
                            .getSpec()
                            .getAffinity()
                            .getNodeAffinity()
                            .getRequiredDuringSchedulingIgnoredDuringExecution()
                            .getNodeSelectorTerms()
                            .stream()
                            .map(term ->
                                    term.getMatchFields().getFirst().getValues().getFirst())
                            .collect(Collectors.joining(" ", "goes to ", ""));
        }
        return changes.getLast() instanceof LookAgain(var _, var waitingFor) && waitingFor.startsWith("pods of lower")
                ? "waits for " + waitingFor
                : "waits";
    }

    private static Node tenant(String name, String disk, int foo) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Node\nmetadata: {name: " + name + ", labels: {disk: " + disk + ", "
                        + InsulaLabels.MANAGED_BY + ": " + InsulaLabels.SYNCER
                        + "}}\nspec: {}\nstatus: {capacity: {cpu: '4', example.com/foo: '" + foo + "'}}",
                Node.class);
    }

    private static Node host(String name, String disk) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Node\nmetadata: {name: " + name + ", labels: {disk: " + disk
                        + "}}\nspec: {}\nstatus: {capacity: {cpu: '4'}}",
                Node.class);
    }

    private static Pod on(String name, String node, int priority, int foo) {
        return pod(name, priority, foo, "nodeName: " + node + ", ");
    }

    private static Pod pod(String name, int priority, int foo, String spec) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: shop, uid: u-" + name
                        + ", creationTimestamp: '2025-12-31T23:59:00Z', labels: {app: " + name + "}}\nspec: {" + spec
                        + "priority: " + priority
                        + ", containers: [{name: c, image: i, resources: {requests: {example.com/foo: '" + foo
                        + "'}, limits: {example.com/foo: '" + foo + "'}}}]}",
                Pod.class);
    }

    private static Pod elses(String namespace, String name) {
        return on(name, "n1", -1, 1)
                .edit()
                .editMetadata()
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }

    private static PodDisruptionBudget budget(String app, int allowed) {
        return Serialization.unmarshal(
                "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: " + app
                        + ", namespace: shop}\nspec: {selector: {matchLabels: {app: " + app
                        + "}}}\nstatus: {disruptionsAllowed: " + allowed + "}",
                PodDisruptionBudget.class);
    }

    private static PodDisruptionBudget elsewhere(PodDisruptionBudget budget) {
        return budget.edit().editMetadata().withNamespace("other").endMetadata().build();
    }

    private static Pod ended(Pod pod) {
        return pod.edit().withNewStatus().withPhase("Succeeded").endStatus().build();
    }

    private static Pod going(Pod pod) {
        return pod.edit()
                .editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build();
    }

    private static Pod since(String hour, Pod pod) {
        return pod.edit()
                .withNewStatus()
                .withStartTime("2025-12-31T" + hour + ":00:00Z")
                .endStatus()
                .build();
    }

    private static Pod nominated(String node, Pod pod) {
        return pod.edit()
                .withNewStatus()
                .withNominatedNodeName(node)
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .endCondition()
                .endStatus()
                .build();
    }
}
