package io.insula.syncer.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.syncer.engine.Change;
import io.insula.syncer.engine.Change.ApplyToTenant;
import io.insula.syncer.engine.Change.CreateOnHost;
import io.insula.syncer.engine.Change.LookAgain;
import io.insula.syncer.engine.Change.PatchTenant;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.SyncEvent.Paired;
import io.insula.syncer.engine.SyncEvent.TenantOnly;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Topologies and extended resources of the tenant's own. The host has three nodes that know nothing of them; the
/// tenant says that `n1` and `n2` are in rack `a`, `n3` in rack `b`, and that `n1` has two of `example.com/foo`.
class OwnDemandsTest {

    private static final String NEAR =
            "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: rack, labelSelector:"
                    + " {matchLabels: {app: db}}}]}}";
    private static final String FAR =
            "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: rack,"
                    + " labelSelector: {matchLabels: {app: db}}}]}}";
    private static final String SPREAD =
            "topologySpreadConstraints: [{topologyKey: rack, maxSkew: 1, whenUnsatisfiable: DoNotSchedule, labelSelector:"
                    + " {matchLabels: {app: db}}}]";
    private static final String FOO =
            "containers: [{name: c, image: i, resources: {limits: {example.com/foo: '1', cpu: '1'}}}]";

    private final PodSyncer pods = new PodSyncer(Beans.profiles());

    /// @param there pods that the tenant has already
    /// @param want `any`, `only x …`, `after NAMESPACE/NAME`, or the message of a pod that waits
    record Case(String name, List<Pod> there, Pod pod, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        Pod inB = pod("db-0", "db", "nodeName: n3");
        return Stream.of(
                new Case("asks for nothing", List.of(inB), pod("web", "web", ""), "any"),
                new Case("near a pod", List.of(inB), pod("web", "web", NEAR), "only n3"),
                new Case("near a pod that has ended", List.of(ended(inB)), pod("web", "web", NEAR), NONE_NEAR),
                new Case("near nobody", List.of(), pod("web", "web", NEAR), NONE_NEAR),
                new Case(
                        "near a pod of another namespace", List.of(elsewhere(inB)), pod("web", "web", NEAR), NONE_NEAR),
                new Case(
                        "the first of those that want to be together",
                        List.of(),
                        pod("db-0", "db", NEAR),
                        "only n1 n2 n3"),
                new Case("far from a pod", List.of(inB), pod("web", "web", FAR), "only n1 n2"),
                new Case(
                        "far from pods everywhere",
                        List.of(inB, pod("db-1", "db", "nodeName: n2")),
                        pod("web", "web", FAR),
                        "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules."),
                new Case(
                        "a pod that wants to be far from this one",
                        List.of(pod("shy", "shy", "nodeName: n1, " + FAR)),
                        pod("db-0", "db", ""),
                        "only n3"),
                new Case(
                        "an older pod whose place is not known yet",
                        List.of(pod("db-0", "db", "")),
                        pod("web", "web", FAR),
                        "after shop/db-0"),
                new Case(
                        "an older pod that no node takes",
                        List.of(unschedulable(pod("db-0", "db", ""))),
                        pod("web", "web", FAR),
                        "only n1 n2 n3"),
                new Case("spread over racks", List.of(inB), pod("db-1", "db", SPREAD), "only n1 n2"),
                new Case(
                        "spread evenly so far",
                        List.of(inB, pod("db-1", "db", "nodeName: n1")),
                        pod("db-2", "db", SPREAD),
                        "only n1 n2 n3"),
                new Case(
                        "spread over the racks that it may go to",
                        List.of(inB),
                        pod("db-1", "db", SPREAD + ", nodeSelector: {disk: hdd}"),
                        "only n3"),
                new Case("a resource of the tenant's", List.of(), pod("w", "w", FOO), "only n1"),
                new Case(
                        "a resource that is used up",
                        List.of(pod("a", "a", "nodeName: n1, " + FOO), pod("b", "b", "nodeName: n1, " + FOO)),
                        pod("w", "w", FOO),
                        "0/3 nodes are available: 3 Insufficient example.com/foo."),
                new Case(
                        "a resource that an ended pod used",
                        List.of(pod("a", "a", "nodeName: n1, " + FOO), ended(pod("b", "b", "nodeName: n1, " + FOO))),
                        pod("w", "w", FOO),
                        "only n1"),
                new Case(
                        "a resource of which somebody older takes a part",
                        List.of(pod("a", "a", FOO)),
                        pod("w", "w", FOO),
                        "after shop/a"));
    }

    private static final String NONE_NEAR = "0/3 nodes are available: 3 node(s) didn't match pod affinity rules.";

    @ParameterizedTest
    @MethodSource("cases")
    void placesPodsByWhatOnlyTheTenantKnows(Case each) {
        assertThat(decided(each.there(), each.pod())).isEqualTo(each.want());
    }

    /// The host would wait for ever for a label or a resource that it does not know.
    @Test
    void tellsTheHostNothingOfIt() {
        var host = created(
                List.of(pod("db-0", "db", "nodeName: n3")),
                pod(
                        "web",
                        "web",
                        NEAR + ", " + FOO.replace("limits", "requests: {example.com/foo: '1'}, limits")
                                + ", topologySpreadConstraints: [{topologyKey: rack, maxSkew: 9, whenUnsatisfiable:"
                                + " DoNotSchedule, labelSelector: {}}, {topologyKey: zone, maxSkew: 9, whenUnsatisfiable:"
                                + " DoNotSchedule, labelSelector: {}}]"),
                nodes("n3"));

        assertThat(host.getSpec().getAffinity().getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution())
                .isEmpty();
        assertThat(host.getSpec().getTopologySpreadConstraints())
                .as("what the host knows is the host's")
                .extracting(spread -> spread.getTopologyKey())
                .containsExactly("zone");
        var resources = host.getSpec().getContainers().getFirst().getResources();
        assertThat(resources.getLimits()).doesNotContainKey("example.com/foo").containsKey("cpu");
        assertThat(resources.getRequests()).doesNotContainKey("example.com/foo");
    }

    @Test
    void makesPreferencesOfWeakTerms() {
        var soft = "affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 7,"
                + " podAffinityTerm: {topologyKey: rack, labelSelector: {matchLabels: {app: db}}}}]}}";

        var host = created(List.of(pod("db-0", "db", "nodeName: n3")), pod("web", "web", soft), nodes("n1"));

        var affinity = host.getSpec().getAffinity();
        assertThat(affinity.getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecution())
                .isEmpty();
        assertThat(affinity.getNodeAffinity().getPreferredDuringSchedulingIgnoredDuringExecution().stream()
                        .collect(Collectors.toMap(
                                term -> term.getPreference()
                                        .getMatchFields()
                                        .getFirst()
                                        .getValues()
                                        .getFirst(),
                                term -> term.getWeight())))
                .isEqualTo(Map.of("n1", 7, "n2", 7));
    }

    /// A pod that waits for room is looked at again, and says what it waits for.
    @Test
    void saysWhatAPodWaitsFor() {
        var changes = changes(List.of(), pod("web", "web", NEAR), nodes("n1"));

        assertThat(changes).anyMatch(LookAgain.class::isInstance).anyMatch(ApplyToTenant.class::isInstance);
        assertThat(changes).noneMatch(CreateOnHost.class::isInstance);
    }

    @Test
    void saysWhichPodItWaitsForWhenThatTakesLong() {
        var changes = changes(List.of(pod("db-0", "db", "")), pod("web", "web", FAR), nodes("n1"));

        assertThat(changes)
                .filteredOn(PatchTenant.class::isInstance)
                .singleElement()
                .extracting(each -> ((PatchTenant) each)
                        .patch()
                        .at("/status/conditions/0/message")
                        .asText())
                .isEqualTo("waiting for pod \"shop/db-0\" to have a node");
    }

    /// As a kubelet does with what it does not know.
    @Test
    void showsWhatTheTenantAddedAsAllocatable() {
        var own = nodes("n1").getFirst();
        var view = FixedView.of("runc", host("n1"));

        var changes = new NodeSyncer().decide(new Paired<>(own, host("n1")), view);

        var status = (Node) changes.stream()
                .map(each -> (ApplyToTenant) each)
                .filter(each -> each.subresource().equals("status"))
                .findFirst()
                .orElseThrow()
                .wanted();
        assertThat(status.getStatus().getAllocatable())
                .containsEntry("example.com/foo", new Quantity("2"))
                .containsKey("cpu");
        assertThat(status.getStatus().getCapacity()).doesNotContainKey("example.com/foo");
    }

    private String decided(List<Pod> there, Pod pod) {
        var changes = changes(there, pod, nodes("n1"));
        for (Change change : changes.reversed()) {
            if (change instanceof LookAgain(var _, var waitingFor) && waitingFor.startsWith("the node of pod ")) {
                return waitingFor.replace("the node of pod", "after");
            }
            if (change instanceof PatchTenant patch) {
                return patch.patch().at("/status/conditions/0/message").asText();
            }
        }
        var affinity =
                ((Pod) ((CreateOnHost) changes.getFirst()).wanted()).getSpec().getAffinity();
        if (affinity == null || affinity.getNodeAffinity() == null) {
            return "any";
        }
        return affinity
                .getNodeAffinity()
                .getRequiredDuringSchedulingIgnoredDuringExecution()
                .getNodeSelectorTerms()
                .stream()
                .map(term -> term.getMatchFields().getFirst().getValues().getFirst())
                .collect(Collectors.joining(" ", "only ", ""));
    }

    private Pod created(List<Pod> there, Pod pod, List<Node> nodes) {
        return (Pod) ((CreateOnHost) changes(there, pod, nodes).getFirst()).wanted();
    }

    private List<Change> changes(List<Pod> there, Pod pod, List<Node> nodes) {
        var objects = new ArrayList<HasMetadata>(nodes);
        objects.addAll(there);
        objects.add(pod);
        var view = FixedView.of("runc", host("n1"), host("n2"), host("n3"))
                .withTenant(objects.toArray(HasMetadata[]::new));
        return pods.decide(new TenantOnly<>(pod), view);
    }

    /// The tenant's, of which one has the resource.
    private static List<Node> nodes(String having) {
        return List.of(tenant("n1", "a", having), tenant("n2", "a", having), tenant("n3", "b", having));
    }

    private static Node tenant(String name, String rack, String having) {
        String foo = name.equals(having) ? ", example.com/foo: '2'" : "";
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Node\nmetadata: {name: " + name + ", labels: {disk: " + disk(name) + ", rack: "
                        + rack + ", " + InsulaLabels.MANAGED_BY + ": " + InsulaLabels.SYNCER + "}}\nspec: {}\nstatus:"
                        + " {capacity: {cpu: '4'" + foo + "}, allocatable: {cpu: '4'}}",
                Node.class);
    }

    private static Node host(String name) {
        return Serialization.unmarshal(
                "apiVersion: v1\nkind: Node\nmetadata: {name: " + name + ", labels: {disk: " + disk(name)
                        + "}}\nspec: {}\nstatus: {capacity: {cpu: '4'}, allocatable: {cpu: '4'}}",
                Node.class);
    }

    private static String disk(String node) {
        return node.equals("n3") ? "hdd" : "ssd";
    }

    /// The older the earlier its name is in the alphabet.
    private static Pod pod(String name, String app, String spec) {
        String containers = spec.contains("containers:") ? "" : "containers: [{name: c, image: i}], ";
        Pod pod = Serialization.unmarshal(
                "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + ", namespace: shop, uid: u-" + name
                        + ", creationTimestamp: '2025-12-31T23:59:00Z', labels: {app: " + app + "}}\nspec: {"
                        + containers
                        + spec + "}",
                Pod.class);
        return pod;
    }

    private static Pod ended(Pod pod) {
        return pod.edit().withNewStatus().withPhase("Succeeded").endStatus().build();
    }

    private static Pod elsewhere(Pod pod) {
        return pod.edit().editMetadata().withNamespace("other").endMetadata().build();
    }

    private static Pod unschedulable(Pod pod) {
        return pod.edit()
                .withNewStatus()
                .addNewCondition()
                .withType("PodScheduled")
                .withStatus("False")
                .endCondition()
                .endStatus()
                .build();
    }
}
