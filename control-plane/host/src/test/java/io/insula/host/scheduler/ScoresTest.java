package io.insula.host.scheduler;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.Placed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a pod asks for, what is placed where, and which of two nodes suits better.
final class ScoresTest {

    private static final String NODE = "status: {allocatable: {cpu: '4', memory: 8Gi, pods: '10'}}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "containers: [{resources: {requests: {cpu: 1}}}, {resources: {requests: {cpu: 500m}}}] | 1500",
                "containers: [{}], initContainers: [{resources: {requests: {cpu: 2}}}] | 2000",
                "containers: [{resources: {requests: {cpu: 3}}}], initContainers: [{resources: {requests: {cpu: 2}}}] | 3000",
                "containers: [{resources: {requests: {cpu: 1}}}], initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 2}}}] | 3000",
                "containers: [{resources: {requests: {cpu: 1}}}], initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 2}}}, {resources: {requests: {cpu: 5}}}] | 7000",
                "containers: [{resources: {requests: {cpu: 1}}}], initContainers: [{resources: {requests: {cpu: 5}}}, {restartPolicy: Always, resources: {requests: {cpu: 2}}}] | 5000",
                "containers: [{resources: {requests: {cpu: 1}}}], overhead: {cpu: 250m} | 1250",
                "containers: [{resources: {requests: {cpu: 1}}}], resources: {requests: {cpu: 4}} | 4000",
                "containers: [{resources: {limits: {cpu: 4}}}] | 0",
            })
    void sumsWhatAPodAsksFor(String spec, long milli) {
        Placed placed = Placed.of(parse("{spec: {" + spec + "}}"), "n");

        assertThat(placed.request().get("cpu").milliValue()).isEqualTo(milli);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // what the better and the worse node have beside each other
                "{} | {} | [{resources: {requests: {cpu: 2}}}]",
                "{} | {spec: {taints: [{key: a, effect: PreferNoSchedule}]}} | ``",
                "{affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 50, preference: {matchExpressions: [{key: disk, operator: Exists}]}}]}}} | {metadata: {labels: {}}} | ``",
            })
    void prefersTheNodeThatSuitsBetter(String podSpec, String worse, String runningThere) {
        ObjectNode pod = parse("{metadata: {name: p, uid: p}, spec: " + podSpec + "}");
        ObjectNode better = parse("{metadata: {name: a, labels: {disk: ssd}}, " + NODE + "}");
        ObjectNode other = parse("{metadata: {name: b, labels: {disk: ssd}}, " + NODE + "}");
        other.setAll(parse(worse));
        List<Placed> running = runningThere.isEmpty()
                ? List.of()
                : List.of(placed("{metadata: {name: r, uid: r}, spec: {containers: " + runningThere + "}}", "b"));

        assertThat(Scores.of(pod, better, List.of())).isGreaterThan(Scores.of(pod, other, running));
    }

    @Test
    void countsSiblingsOfOneControllerOnly() {
        ObjectNode pod = parse(owned("p", "set"));
        ObjectNode node = parse("{metadata: {name: a}, " + NODE + "}");

        long alone = Scores.of(pod, node, List.of());
        assertThat(Scores.of(pod, node, List.of(placed(owned("s", "set"), "a"))))
                .isEqualTo(alone - 20);
        assertThat(Scores.of(pod, node, List.of(placed(owned("s", "other"), "a"))))
                .isEqualTo(alone);
        ObjectNode nobodys = parse("{metadata: {name: n, uid: n}, spec: {}}");
        assertThat(Scores.of(nobodys, node, List.of(Placed.of(nobodys, "a"))))
                .as("those of nobody are no siblings")
                .isEqualTo(alone);
    }

    @Test
    void knowsWhatIsPlacedWhere() {
        var image = new ClusterImage();
        image.assume(parse("{metadata: {name: p, uid: p}}"), "a");
        assertThat(image.byNode()).containsOnlyKeys("a");
        image.observe(parse("{metadata: {name: p, uid: p}, spec: {nodeName: b}}"));
        assertThat(image.byNode()).as("as the store has it").containsOnlyKeys("b");
        image.observe(parse("{metadata: {name: q, uid: q}, spec: {}}"));
        assertThat(image.byNode()).as("what waits takes nothing").containsOnlyKeys("b");
        image.observe(parse("{metadata: {name: p, uid: p}, spec: {nodeName: b}, status: {phase: Succeeded}}"));
        assertThat(image.byNode()).as("what has ended takes nothing").isEmpty();
        image.assume(parse("{metadata: {name: p, uid: p}}"), "a");
        image.forget(parse("{metadata: {name: p, uid: p}}"));
        assertThat(image.byNode()).isEmpty();
    }

    private static String owned(String name, String controller) {
        return "{metadata: {name: " + name + ", uid: " + name + ", ownerReferences: [{kind: ReplicaSet, name: r, uid: "
                + controller + ", controller: true}]}, spec: {}}";
    }

    private static Placed placed(String pod, String node) {
        return Placed.of(parse(pod), node);
    }
}
