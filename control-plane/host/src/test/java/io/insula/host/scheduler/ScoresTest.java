package io.insula.host.scheduler;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
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
        NodeLoad running = runningThere.isEmpty()
                ? NodeLoad.NONE
                : load(placed("{metadata: {name: r, uid: r}, spec: {containers: " + runningThere + "}}", "b"));

        assertThat(Scores.of(pod, better, NodeLoad.NONE)).isGreaterThan(Scores.of(pod, other, running));
    }

    @Test
    void countsSiblingsOfOneControllerOnly() {
        ObjectNode pod = parse(owned("p", "set"));
        ObjectNode node = parse("{metadata: {name: a}, " + NODE + "}");

        long alone = Scores.of(pod, node, NodeLoad.NONE);
        assertThat(Scores.of(pod, node, load(placed(owned("s", "set"), "a")))).isEqualTo(alone - 20);
        assertThat(Scores.of(pod, node, load(placed(owned("s", "other"), "a")))).isEqualTo(alone);
        ObjectNode nobodys = parse("{metadata: {name: n, uid: n}, spec: {}}");
        assertThat(Scores.of(nobodys, node, load(Placed.of(nobodys, "a"))))
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

    /// The sums that are kept are those that counting anew would give, whatever came and went in which order.
    @Test
    void keepsTheSumsOfWhatIsPlaced() {
        var image = new ClusterImage();
        for (int i = 0; i < 20; i++) {
            String pod = "{metadata: {name: p, uid: u%d}, spec: {nodeName: %s,"
                    + " containers: [{resources: {requests: {cpu: %dm}}}]}}";
            image.observe(parse(pod.formatted(i, "a", i)));
            image.observe(parse(pod.formatted(i, "a", 2 * i)));
            if (i % 3 == 0) {
                image.observe(parse(pod.formatted(i, "b", i)));
            }
            if (i % 4 == 1) {
                image.forget(parse(pod.formatted(i, "a", i)));
                image.forget(parse(pod.formatted(i, "a", i)));
            }
        }

        assertThat(image.byNode())
                .containsOnlyKeys("a", "b")
                .allSatisfy((_, load) -> assertThat(load.used())
                        .isEqualTo(NodeLoad.of(load.pods()).used()));
        assertThat(load(image, "a").pods()).hasSize(9);
        assertThat(load(image, "a").used().get("cpu").milliValue()).isEqualTo(182);
        assertThat(load(image, "b").pods()).hasSize(6);
    }

    private static NodeLoad load(ClusterImage image, String node) {
        return image.byNode().getOrDefault(node, NodeLoad.NONE);
    }

    private static NodeLoad load(Placed... pods) {
        return NodeLoad.of(List.of(pods));
    }

    private static Placed placed(String pod, String node) {
        return Placed.of(parse(pod), node);
    }
}
