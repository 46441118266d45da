package io.insula.host.scheduler;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.host.scheduler.Fit.Question;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Where pods may go by other pods: near them, far from them, spread among them. There are `a1` and `a2` in zone `a`,
/// `b1` in zone `b`, and `x` that says of no zone. Namespaces `shop` and `shop-2` have the label `team: red`.
final class PodsTogetherTest {

    private static final String ZONE = "topology.kubernetes.io/zone";

    private static final List<ObjectNode> NODES = List.of(
            node("a1", ZONE + ": a, kubernetes.io/hostname: a1"),
            node("a2", ZONE + ": a, kubernetes.io/hostname: a2, disk: ssd"),
            node("b1", ZONE + ": b, kubernetes.io/hostname: b1"),
            node("x", "kubernetes.io/hostname: x"));

    /// @param there `NODE: pod`
    /// @param want nodes that fit
    record Case(String name, List<String> there, String pod, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        String db = "{metadata: {name: db, namespace: shop, labels: {app: db, version: v1}}}";
        String elsewhere = db.replace("namespace: shop", "namespace: other");
        String inTeam = db.replace("namespace: shop", "namespace: shop-2");
        return Stream.concat(affinity(db, elsewhere, inTeam), spread(db, elsewhere));
    }

    private static Stream<Case> affinity(String db, String elsewhere, String inTeam) {
        String shy = "{metadata: {name: shy, namespace: shop}, spec: {affinity: "
                + terms("podAntiAffinity", "topologyKey: " + ZONE + ", labelSelector: {matchLabels: {app: web}}")
                + "}}";
        return Stream.of(
                new Case("nothing asked", List.of("a1: " + db), web(""), "a1 a2 b1 x"),
                new Case("near, in its zone", List.of("a1: " + db), web(near("")), "a1 a2"),
                new Case("near nobody", List.of(), web(near("")), ""),
                new Case("near a pod of another namespace", List.of("a1: " + elsewhere), web(near("")), ""),
                new Case(
                        "near pods of a named namespace",
                        List.of("a1: " + elsewhere),
                        web(near(", namespaces: [other]")),
                        "a1 a2"),
                new Case(
                        "near pods of namespaces with a label",
                        List.of("a1: " + inTeam, "b1: " + elsewhere),
                        web(near(", namespaceSelector: {matchLabels: {team: red}}")),
                        "a1 a2"),
                new Case(
                        "near pods of all namespaces",
                        List.of("a1: " + inTeam, "b1: " + elsewhere),
                        web(near(", namespaceSelector: {}")),
                        "a1 a2 b1"),
                new Case(
                        "the first of those that want to be together",
                        List.of(),
                        web("affinity: "
                                + terms(
                                        "podAffinity",
                                        "topologyKey: " + ZONE + ", labelSelector: {matchLabels: {app: web}}")),
                        "a1 a2 b1"),
                new Case(
                        "near both of two",
                        List.of("a1: " + db, "b1: {metadata: {name: q, namespace: shop, labels: {app: db, queue: q}}}"),
                        web("affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: "
                                + ZONE + ", labelSelector: {matchLabels: {app: db}}}, {topologyKey: " + ZONE
                                + ", labelSelector: {matchLabels: {queue: q}}}]}}"),
                        "b1"),
                new Case(
                        "near the same version",
                        List.of("a1: " + db, "b1: " + db.replace("v1", "v2")),
                        web(near(", matchLabelKeys: [version]")).replace("app: web}", "app: web, version: v2}"),
                        "b1"),
                new Case(
                        "near another version",
                        List.of("a1: " + db, "b1: " + db.replace("v1", "v2")),
                        web(near(", mismatchLabelKeys: [version]")).replace("app: web}", "app: web, version: v2}"),
                        "a1 a2"),
                new Case("far, in its zone", List.of("a1: " + db), web(far("")), "b1 x"),
                new Case(
                        "far from a pod of another namespace", List.of("a1: " + elsewhere), web(far("")), "a1 a2 b1 x"),
                new Case("a pod that wants to be far from this one", List.of("b1: " + shy), web(""), "a1 a2 x"),
                new Case(
                        "a pod that wants to be far from others",
                        List.of("b1: " + shy.replace("app: web", "app: db")),
                        web(""),
                        "a1 a2 b1 x"));
    }

    private static Stream<Case> spread(String db, String elsewhere) {
        String hard = "topologySpreadConstraints: [{maxSkew: 1, whenUnsatisfiable: DoNotSchedule, labelSelector:"
                + " {matchLabels: {app: db}}, topologyKey: ";
        String zones = hard + ZONE + "}]";
        return Stream.of(
                new Case("spread over zones", List.of("a1: " + db), member(zones), "b1"),
                new Case("spread evenly", List.of("a1: " + db, "b1: " + db), member(zones), "a1 a2 b1"),
                new Case(
                        "spread over nodes",
                        List.of("a1: " + db),
                        member(hard + "kubernetes.io/hostname}]"),
                        "a2 b1 x"),
                new Case(
                        "spread by a pod that does not count itself",
                        List.of("a1: " + db, "a1: " + db),
                        web(zones),
                        "b1"),
                new Case(
                        "spread among others of the namespace", List.of("a1: " + elsewhere), member(zones), "a1 a2 b1"),
                new Case(
                        "spread without pods that go",
                        List.of("a1: "
                                + db.replace("name: db,", "name: db, deletionTimestamp: '2026-01-01T00:00:00Z',")),
                        member(zones),
                        "a1 a2 b1"),
                new Case(
                        "spread with a skew of two",
                        List.of("a1: " + db),
                        member(zones.replace("maxSkew: 1", "maxSkew: 2")),
                        "a1 a2 b1"),
                new Case(
                        "spread over more zones than there are",
                        List.of("a1: " + db),
                        member(zones.replace("maxSkew: 1", "maxSkew: 1, minDomains: 3")),
                        "b1"),
                new Case(
                        "spread over more zones than there are, which all have one",
                        List.of("a1: " + db, "b1: " + db),
                        member(zones.replace("maxSkew: 1", "maxSkew: 1, minDomains: 3")),
                        ""),
                new Case(
                        "spread over the nodes that it asks for",
                        List.of("a2: " + db),
                        member(zones + ", nodeSelector: {disk: ssd}"),
                        "a2"),
                new Case(
                        "spread over all nodes",
                        List.of("a2: " + db),
                        member(zones.replace("maxSkew: 1", "maxSkew: 1, nodeAffinityPolicy: Ignore")
                                + ", nodeSelector: {disk: ssd}"),
                        ""),
                new Case(
                        "spread within a version",
                        List.of("a1: " + db, "a1: " + db),
                        member(zones.replace("maxSkew: 1", "maxSkew: 1, matchLabelKeys: [version]"))
                                .replace("app: db}}, spec", "app: db, version: v2}}, spec"),
                        "a1 a2 b1"),
                new Case(
                        "spread by two",
                        List.of("a1: " + db, "b1: " + db),
                        member(zones.replace("}]", "}, ") + hard.replace("topologySpreadConstraints: [", "")
                                + "kubernetes.io/hostname}]"),
                        "a2"),
                new Case(
                        "spread if it can be",
                        List.of("a1: " + db),
                        member(zones.replace("DoNotSchedule", "ScheduleAnyway")),
                        "a1 a2 b1 x"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void goesWhereOthersLetIt(Case each) {
        var cluster = cluster(each.there());
        var question = question(each.pod());

        Fit fit = Fit.of(question, cluster, question.rules(cluster));

        assertThat(fit.spots().stream().map(Cluster.Spot::name).collect(Collectors.joining(" ")))
                .isEqualTo(each.want());
    }

    /// What is wanted is the node that is liked best.
    @ParameterizedTest(name = "{0}")
    @MethodSource("preferences")
    void likesSomeNodesBetter(Case each) {
        var cluster = cluster(each.there());
        var question = question(each.pod());
        var rules = question.rules(cluster);

        long[] near = rules.affinity().scores(cluster.spots());
        long[] spread = rules.spread().scores(cluster.spots());

        var liked = new ArrayList<String>();
        long most = 0;
        for (int i = 0; i < near.length; i++) {
            long sum = near[i] + spread[i];
            if (sum > most) {
                liked.clear();
                most = sum;
            }
            if (sum == most && sum > 0) {
                liked.add(cluster.spots().get(i).name());
            }
        }
        assertThat(String.join(" ", liked)).isEqualTo(each.want());
    }

    static Stream<Case> preferences() {
        String db = "{metadata: {name: db, namespace: shop, labels: {app: db}}}";
        String soft = "topologySpreadConstraints: [{maxSkew: 1, whenUnsatisfiable: ScheduleAnyway, labelSelector:"
                + " {matchLabels: {app: db}}, topologyKey: " + ZONE + "}]";
        String friend = "{metadata: {name: f, namespace: shop}, spec: {affinity: "
                + preferred("podAffinity", 10, "{matchLabels: {app: web}}") + "}}";
        return Stream.of(
                new Case("nothing preferred", List.of("a1: " + db), web(""), ""),
                new Case(
                        "rather near",
                        List.of("b1: " + db),
                        web("affinity: " + preferred("podAffinity", 5, "{matchLabels: {app: db}}")),
                        "b1"),
                new Case(
                        "rather far",
                        List.of("b1: " + db),
                        web("affinity: " + preferred("podAntiAffinity", 5, "{matchLabels: {app: db}}")),
                        "a1 a2 x"),
                new Case("who would like it near", List.of("b1: " + friend), web(""), "b1"),
                new Case(
                        "who would like it far",
                        List.of("b1: " + friend.replace("podAffinity:", "podAntiAffinity:")),
                        web(""),
                        "a1 a2 x"),
                new Case(
                        "who insists on pods like it",
                        List.of("a1: {metadata: {name: f, namespace: shop}, spec: {affinity: "
                                + terms(
                                        "podAffinity",
                                        "topologyKey: " + ZONE + ", labelSelector: {matchLabels: {app: web}}")
                                + "}}"),
                        web(""),
                        "a1 a2"),
                new Case("rather spread", List.of("a1: " + db, "a2: " + db, "b1: " + db), member(soft), "b1"));
    }

    private static Question question(String pod) {
        ObjectNode tree = parse(pod);
        return Question.of(
                tree,
                PodVolumes.of(tree, _ -> Optional.empty(), _ -> Optional.empty(), _ -> Optional.empty(), List::of),
                new Siblings("", Map.of()),
                List.of());
    }

    private static Cluster cluster(List<String> there) {
        var loads = new HashMap<String, NodeLoad>();
        int uid = 0;
        for (String each : there) {
            String node = each.substring(0, each.indexOf(':'));
            ObjectNode pod = parse(each.substring(each.indexOf(':') + 1).strip());
            pod.withObjectProperty("metadata").put("uid", "u" + uid++);
            loads.merge(
                    node,
                    NodeLoad.of(List.of(Placed.of(pod, node))),
                    (load, one) -> load.with(one.pods().getFirst()));
        }
        return Clusters.of(
                NODES, loads, name -> name.startsWith("shop") ? Map.of("team", "red") : Map.of("team", "blue"));
    }

    private static ObjectNode node(String name, String labels) {
        return parse("{metadata: {name: " + name + ", labels: {" + labels
                + "}}, status: {allocatable: {cpu: '4', memory: 8Gi, pods: '10'}, conditions: [{type: Ready, status:"
                + " 'True'}]}}");
    }

    private static String web(String spec) {
        return "{metadata: {name: web, namespace: shop, uid: w, labels: {app: web}}, spec: {" + spec + "}}";
    }

    private static String member(String spec) {
        return "{metadata: {name: db-9, namespace: shop, uid: w, labels: {app: db}}, spec: {" + spec + "}}";
    }

    private static String near(String more) {
        return "affinity: "
                + terms("podAffinity", "topologyKey: " + ZONE + ", labelSelector: {matchLabels: {app: db}}" + more);
    }

    private static String far(String more) {
        return "affinity: "
                + terms("podAntiAffinity", "topologyKey: " + ZONE + ", labelSelector: {matchLabels: {app: db}}" + more);
    }

    private static String terms(String kind, String term) {
        return "{" + kind + ": {requiredDuringSchedulingIgnoredDuringExecution: [{" + term + "}]}}";
    }

    private static String preferred(String kind, int weight, String selector) {
        return "{" + kind + ": {preferredDuringSchedulingIgnoredDuringExecution: [{weight: " + weight
                + ", podAffinityTerm: {topologyKey: " + ZONE + ", labelSelector: " + selector + "}}]}}";
    }
}
