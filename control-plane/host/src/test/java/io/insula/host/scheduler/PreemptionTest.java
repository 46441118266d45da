package io.insula.host.scheduler;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.host.scheduler.Fit.Question;
import io.insula.rules.preemption.Room;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Who makes room for whom. Two nodes of four processors each, `m` and `n`.
final class PreemptionTest {

    private static final String NEW = "{metadata: {name: new, namespace: s, uid: new, labels: {app: new}}, spec:"
            + " {priority: 100, %s containers: [{resources: {requests: {cpu: %s}}}]}}";

    /// @param there `NODE name priority cpu`
    /// @param budgets `app allowed`
    /// @param want `NODE: victims (violations)`, or `nobody`, or `nobody helps` where it would not do if all went
    record Case(String name, List<String> there, List<String> budgets, String pod, String want) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        String pod = NEW.formatted("", 2);
        return Stream.of(
                new Case("the least important", List.of("m a 1 4", "n b 9 4"), List.of(), pod, "m: a (0)"),
                new Case("no more than it takes", List.of("m a 1 2", "m b 1 2", "n c 9 4"), List.of(), pod, "m: b (0)"),
                new Case("the lower of two", List.of("m a 5 2", "m b 1 2", "n c 9 4"), List.of(), pod, "m: b (0)"),
                new Case(
                        "both of two",
                        List.of("m a 5 2", "m b 1 2", "n c 9 4"),
                        List.of(),
                        NEW.formatted("", 4),
                        "m: a b (0)"),
                new Case("only what is lower", List.of("m a 100 4", "n b 200 4"), List.of(), pod, "nobody"),
                new Case(
                        "more than a node has",
                        List.of("m a 1 4", "n b 9 4"),
                        List.of(),
                        NEW.formatted("", 5),
                        "nobody helps"),
                new Case(
                        "another node's, for this one is not asked for",
                        List.of("m a 1 4", "n b 9 4"),
                        List.of(),
                        NEW.formatted("nodeSelector: {name: n},", 2),
                        "n: b (0)"),
                new Case("whom no budget keeps", List.of("m a 1 4", "n b 9 4"), List.of("a 0"), pod, "n: b (0)"),
                new Case("whom a budget lets go", List.of("m a 1 4", "n b 9 4"), List.of("a 1"), pod, "m: a (0)"),
                new Case(
                        "whom a budget keeps, if all are kept",
                        List.of("m a 1 4", "n b 9 4"),
                        List.of("a 0", "b 0"),
                        pod,
                        "m: a (1)"),
                new Case(
                        "on one node first those that no budget keeps",
                        List.of("m a 1 2", "m b 5 2", "n c 100 4"),
                        List.of("a 0"),
                        pod,
                        "m: b (0)"),
                new Case(
                        "the fewer",
                        List.of("m a 5 2", "m b 5 2", "n c 5 4"),
                        List.of(),
                        NEW.formatted("", 4),
                        "n: c (0)"),
                new Case(
                        "the younger",
                        List.of("m a 5 4 2026-01-01T00:00:00Z", "n b 5 4 2026-01-02T00:00:00Z"),
                        List.of(),
                        pod,
                        "n: b (0)"),
                new Case(
                        "who keeps it away",
                        List.of("m a 1 1 far", "n b 100 4"),
                        List.of(),
                        NEW.formatted("", 1),
                        "m: a (0)"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void makesRoomAsUpstreamDoes(Case each) {
        var nodes = List.of(node("m"), node("n"));
        var cluster = Clusters.of(nodes, loads(each.there()), _ -> Map.of());
        ObjectNode pod = parse(each.pod());
        var none = PodVolumes.of(pod, _ -> Optional.empty(), _ -> Optional.empty(), _ -> Optional.empty(), List::of);
        var question = Question.of(pod, none, new Siblings("", Map.of()), List.of());
        Fit fit = Fit.of(question, cluster, question.rules(cluster));
        assertThat(fit.spots()).isEmpty();

        var room = Preemption.of(
                question,
                cluster,
                fit.rejections(),
                each.budgets().stream().map(PreemptionTest::budget).toList());

        boolean helps = cluster.spots().stream().anyMatch(spot -> Preemption.isHelped(spot, fit.rejections()));
        assertThat(room.map(PreemptionTest::text).orElse(helps ? "nobody" : "nobody helps"))
                .isEqualTo(each.want());
    }

    private static String text(Room<Placed> room) {
        var names = new ArrayList<String>();
        room.victims().forEach(victim -> names.add(victim.traits().name()));
        return room.node() + ": " + String.join(" ", names) + " (" + room.violations() + ")";
    }

    private static Map<String, NodeLoad> loads(List<String> there) {
        var loads = new HashMap<String, NodeLoad>();
        for (String each : there) {
            String[] parts = each.split(" ", -1);
            String more = parts.length > 4 && parts[4].equals("far")
                    ? "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: name,"
                            + " labelSelector: {matchLabels: {app: new}}}]}}, "
                    : "";
            String started = parts.length > 4 && more.isEmpty() ? "status: {startTime: '" + parts[4] + "'}, " : "";
            Placed placed = Placed.of(
                    parse("{" + started + "metadata: {name: " + parts[1] + ", namespace: s, uid: " + parts[1]
                            + ", labels: {app: " + parts[1] + "}}, spec: {" + more + "priority: " + parts[2]
                            + ", containers: [{resources: {requests: {cpu: " + parts[3] + "}}}]}}"),
                    parts[0]);
            loads.merge(parts[0], NodeLoad.of(List.of(placed)), (load, _) -> load.with(placed));
        }
        return loads;
    }

    private static ObjectNode budget(String text) {
        String[] parts = text.split(" ", -1);
        return parse("{metadata: {name: " + parts[0] + ", namespace: s, uid: b-" + parts[0]
                + "}, spec: {selector: {matchLabels: {app: " + parts[0] + "}}}, status: {disruptionsAllowed: "
                + parts[1]
                + "}}");
    }

    private static ObjectNode node(String name) {
        return parse("{metadata: {name: " + name + ", labels: {name: " + name
                + "}}, status: {allocatable: {cpu: '4', memory: 8Gi, pods: '10'}, conditions: [{type: Ready, status:"
                + " 'True'}]}}");
    }
}
