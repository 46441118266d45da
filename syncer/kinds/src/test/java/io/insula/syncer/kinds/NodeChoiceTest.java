package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.TenantProfiles;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.DeleteFromTenant;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.HostOnly;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a tenant does to its Nodes, and where its pods may go by that. The host has three nodes, of which `n3` is on
/// another disk and `fenced` is another customer's.
class NodeChoiceTest {

    private static final FixedView VIEW = FixedView.of(
            "runc",
            host("n1", "labels: {disk: ssd}", ""),
            host("n2", "labels: {disk: ssd}", ""),
            host("n3", "labels: {disk: hdd}", ""),
            host("fenced", "labels: {disk: ssd}", "taints: [{key: customer, value: other, effect: NoSchedule}]"));

    private final PodSyncer pods = new PodSyncer(Beans.profiles());
    private final NodeSyncer nodes = new NodeSyncer();

    /// @param nodes the tenant's: name, metadata and spec
    /// @param want nodes where the pod may go: `any`, `any but x …`, `only x …`, or the message of a pod that waits
    record Case(String name, List<Node> nodes, String pod, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        var n1 = tenant("n1", "", "");
        var n2 = tenant("n2", "", "");
        var n3 = tenant("n3", "", "");
        var cordoned = tenant("n1", "", "unschedulable: true");
        var tainted = tenant("n2", "", "taints: [{key: team, value: a, effect: NoSchedule}]");
        var mine = tenant("n3", "mine: 'yes'", "");
        var all = List.of(n1, n2, n3);
        return Stream.of(
                new Case("nothing was done", all, "", "any"),
                new Case("nothing is known yet", List.of(), "nodeSelector: {disk: ssd}", "any"),
                new Case("the host's labels are the host's to find", all, "nodeSelector: {disk: ssd}", "any"),
                new Case("a cordon", List.of(cordoned, n2, n3), "", "any but n1"),
                new Case(
                        "a cordon that is tolerated, as DaemonSets do",
                        List.of(cordoned, n2, n3),
                        "tolerations: [{key: node.kubernetes.io/unschedulable, operator: Exists, effect: NoSchedule}]",
                        "any"),
                new Case("a cordon and a taint", List.of(cordoned, tainted, n3), "", "any but n1 n2"),
                new Case(
                        "a taint that is tolerated",
                        List.of(n1, tainted, n3),
                        "tolerations: [{key: team, operator: Equal, value: a, effect: NoSchedule}]",
                        "any"),
                new Case(
                        "a taint of another value",
                        List.of(n1, tainted, n3),
                        "tolerations: [{key: team, operator: Equal, value: b}]",
                        "any but n2"),
                new Case(
                        "a taint that only warns",
                        List.of(n1, tenant("n2", "", "taints: [{key: a, effect: PreferNoSchedule}]"), n3),
                        "",
                        "any"),
                new Case("a label of the tenant's", List.of(n1, n2, mine), "nodeSelector: {mine: 'yes'}", "only n3"),
                new Case(
                        "a label of the tenant's and one of the host's",
                        List.of(tenant("n1", "mine: 'yes'", ""), n2, mine),
                        "nodeSelector: {mine: 'yes', disk: hdd}",
                        "only n3"),
                new Case(
                        "an affinity by a label of the tenant's",
                        List.of(tenant("n1", "mine: 'no'", ""), n2, mine),
                        required("{matchExpressions: [{key: mine, operator: In, values: ['yes', 'no']}]}"),
                        "only n1 n3"),
                new Case(
                        "a label that the tenant's nodes must not have",
                        List.of(n1, n2, mine),
                        required("{matchExpressions: [{key: mine, operator: DoesNotExist}]}"),
                        "only n1 n2"),
                new Case(
                        "a node by its name",
                        List.of(n1, n2, mine),
                        required("{matchFields: [{key: metadata.name, operator: In, values: [n2]}]}"),
                        "only n2"),
                new Case("a label that no node has yet", all, "nodeSelector: {mine: 'yes'}", "any"),
                new Case(
                        "a labelled node that is cordoned",
                        List.of(tenant("n1", "mine: 'yes'", "unschedulable: true"), n2, n3),
                        "nodeSelector: {mine: 'yes'}",
                        "0/3 nodes are available: 2 node(s) didn't match Pod's node affinity/selector, 1 node(s) were"
                                + " unschedulable."),
                new Case(
                        "nodes that are all tainted",
                        Stream.of("n1", "n2", "n3")
                                .map(name -> tenant(name, "", "taints: [{key: a, value: b, effect: NoExecute}]"))
                                .toList(),
                        "",
                        "0/3 nodes are available: 3 node(s) had untolerated taint {a: b}."),
                new Case("a node of its choice", all, "nodeName: n2", "only n2"),
                new Case(
                        "a node of its choice, past its own cordon",
                        List.of(cordoned, n2, n3),
                        "nodeName: n1",
                        "only n1"),
                new Case(
                        "a Node that only the tenant has",
                        List.of(n1, n2, n3, own("mine", "")),
                        "nodeName: mine",
                        "no such node"),
                new Case(
                        "a host's node that the tenant is not shown",
                        List.of(n1, n2, n3, own("fenced", "")),
                        "nodeName: fenced",
                        "no such node"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void goesWhereTheTenantsNodesLetIt(Case each) {
        var view = VIEW.withTenant(each.nodes().toArray(Node[]::new));

        var changes = pods.decide(new TenantOnly<>(pod(each.pod())), view);

        assertThat(told(changes)).isEqualTo(each.want());
    }

    @Test
    void prefersNodesThatOnlyTheTenantLabelled() {
        var view =
                VIEW.withTenant(tenant("n1", "", ""), tenant("n2", "mine: 'yes'", ""), tenant("n3", "mine: 'yes'", ""));
        var pod = pod("affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: ["
                + "{weight: 7, preference: {matchExpressions: [{key: mine, operator: Exists}]}},"
                + "{weight: 3, preference: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}}]}}");

        var preferred = onHost(pods.decide(new TenantOnly<>(pod), view))
                .getSpec()
                .getAffinity()
                .getNodeAffinity()
                .getPreferredDuringSchedulingIgnoredDuringExecution();

        assertThat(preferred).extracting(term -> term.getWeight()).containsExactly(7, 7, 3);
        assertThat(preferred.subList(0, 2))
                .extracting(term -> name(term.getPreference()))
                .containsExactly("n2", "n3");
    }

    @Test
    void pendingPodsAreLookedAtAgainWhenANodeChanges() {
        var waiting = pod("nodeSelector: {mine: 'yes'}");
        var bound = pod("nodeName: n1");
        bound.getMetadata().setName("bound");

        assertThat(pods.looksAt()).contains(Kinds.NODE);
        assertThat(pods.dependents(tenant("n1", "", ""), VIEW.withTenant(waiting, bound)))
                .containsExactly(new Reference("Pod", "shop", "web"));
    }

    @Test
    void showsEveryNodeThatAProfileCouldUseAndNoOther() {
        var runc = VIEW.profiles();
        var onMetal = TenantProfiles.only(Beans.profiles()
                .settings(
                        "metal",
                        Map.of(
                                "sandbox",
                                "runc",
                                "nodePool",
                                Map.of(
                                        "selector",
                                        Map.of("pool", "metal"),
                                        "tolerations",
                                        List.of(Map.of("key", "metal", "operator", "Exists"))))));

        assertThat(TenantNode.isUsable(host("n1", "", ""), runc)).isTrue();
        assertThat(TenantNode.isUsable(host("n1", "", "unschedulable: true"), runc))
                .isTrue();
        assertThat(TenantNode.isUsable(
                        host("n1", "", "taints: [{key: node.kubernetes.io/not-ready, effect: NoExecute}]"), runc))
                .isTrue();
        assertThat(TenantNode.isUsable(host("n1", "", "taints: [{key: customer, effect: NoSchedule}]"), runc))
                .isFalse();
        assertThat(TenantNode.isUsable(host("n1", "", ""), onMetal)).isFalse();
        assertThat(TenantNode.isUsable(host("n1", "labels: {pool: metal}", ""), onMetal))
                .isTrue();
        assertThat(TenantNode.isUsable(
                        host("n1", "labels: {pool: metal}", "taints: [{key: metal, effect: NoSchedule}]"), onMetal))
                .isTrue();

        assertThat(nodes.decide(new HostOnly<>(host("n1", "", "")), VIEW)).hasSize(2);
        assertThat(nodes.decide(new HostOnly<>(host("fenced", "", "taints: [{key: c, effect: NoSchedule}]")), VIEW))
                .isEmpty();
        assertThat(nodes.decide(
                        new Paired<>(
                                tenant("fenced", "", ""), host("fenced", "", "taints: [{key: c, effect: NoSchedule}]")),
                        VIEW))
                .singleElement()
                .isInstanceOf(DeleteFromTenant.class);
        assertThat(nodes.tenantObjectsOf(host("n9", "", ""), VIEW)).containsExactly(new Reference("Node", "", "n9"));
    }

    @Test
    void leavesToTheTenantWhatIsItsOwn() {
        var seen = tenant(
                "n1",
                "",
                "unschedulable: true, taints: [{key: own, effect: NoSchedule}, {key: hosts, value: x, effect: NoSchedule}]");
        seen.getMetadata().getAnnotations().put(InsulaLabels.HOST_TAINTS, "hosts=x:NoSchedule");

        // the host's taint went, another came
        var applied = applied(seen, host("n1", "", "taints: [{key: new, effect: PreferNoSchedule}]"));

        assertThat(applied.getSpec().getTaints())
                .extracting(TenantNode::text)
                .containsExactly("new:PreferNoSchedule", "own:NoSchedule");
        assertThat(applied.getSpec().getUnschedulable()).isNull();
        assertThat(applied.getMetadata().getAnnotations())
                .containsEntry(InsulaLabels.HOST_TAINTS, "new:PreferNoSchedule");
    }

    @Test
    void aCordonOfTheHostIsNotTheTenants() {
        var host = host("n1", "", "unschedulable: true");
        var seen = tenant("n1", "", "unschedulable: true");
        var applied = applied(seen, host);

        assertThat(applied.getSpec().getUnschedulable()).isTrue();
        assertThat(new TenantNode(applied, host).isCordonedByTenant()).isFalse();
        // the moment between the host's uncordon and its coming up
        assertThat(new TenantNode(applied, host("n1", "", "")).isCordonedByTenant())
                .isFalse();
        assertThat(new TenantNode(seen, host("n1", "", "")).isCordonedByTenant())
                .isTrue();
    }

    private Node applied(Node tenant, Node host) {
        return (Node)
                ((ApplyToTenant) nodes.decide(new Paired<>(tenant, host), VIEW).getFirst()).wanted();
    }

    private static String told(List<Change> changes) {
        if (changes.stream().anyMatch(CreateOnHost.class::isInstance)) {
            return where(onHost(changes));
        }
        return changes.stream()
                .filter(PatchTenant.class::isInstance)
                .map(change -> ((PatchTenant) change)
                        .patch()
                        .at("/status/conditions/0/message")
                        .asText())
                .map(message -> message.contains("is no node of this cluster") ? "no such node" : message)
                .findFirst()
                .orElse("nothing");
    }

    private static Pod onHost(List<Change> changes) {
        return (Pod) changes.stream()
                .filter(CreateOnHost.class::isInstance)
                .map(change -> ((CreateOnHost) change).wanted())
                .findFirst()
                .orElseThrow();
    }

    /// Reads the host pod as its scheduler does.
    private static String where(Pod host) {
        var affinity = host.getSpec().getAffinity();
        if (affinity == null
                || affinity.getNodeAffinity() == null
                || affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution() == null) {
            return "any";
        }
        var terms = affinity.getNodeAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getNodeSelectorTerms();
        var without = terms.getFirst().getMatchFields().stream()
                .filter(each -> each.getOperator().equals("NotIn"))
                .flatMap(each -> each.getValues().stream())
                .toList();
        if (!without.isEmpty()) {
            return "any but " + String.join(" ", without);
        }
        return "only "
                + String.join(" ", terms.stream().map(NodeChoiceTest::name).toList());
    }

    private static String name(NodeSelectorTerm term) {
        return term.getMatchFields().stream()
                .filter(each -> each.getOperator().equals("In"))
                .map(NodeSelectorRequirement::getValues)
                .map(List::getFirst)
                .findFirst()
                .orElse("");
    }

    private static String required(String term) {
        return "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [" + term
                + "]}}}";
    }

    private static Pod pod(String spec) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web, namespace: shop, uid: u1}
                spec: {containers: [{name: c, image: nginx}], %s}
                """.formatted(spec), Pod.class);
    }

    private static Node host(String name, String meta, String spec) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Node
                metadata: {name: %s, %s}
                spec: {%s}
                status: {conditions: []}
                """.formatted(name, meta, spec), Node.class);
    }

    private static Node own(String name, String spec) {
        return host(name, "", spec);
    }

    /// As the syncer shows it, with what the tenant added.
    private static Node tenant(String name, String labels, String spec) {
        String disk = name.equals("n3") ? "hdd" : "ssd";
        return host(
                name,
                "labels: {insula.io/managed-by: insula-syncer, disk: %s%s}, annotations: {insula.io/host-taints: ''}"
                        .formatted(disk, labels.isEmpty() ? "" : ", " + labels),
                spec);
    }
}
