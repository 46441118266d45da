package io.insula.host.scheduler;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.Cluster.Spot;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.tenantapi.view.PodView;
import java.util.List;
import java.util.Map;
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

    /// The better and the worse node, with what runs there.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | {} | {} | ``",
                "{} | {} | {spec: {taints: [{key: a, effect: PreferNoSchedule}]}} | ``",
                "{} | {} | {} | [{resources: {requests: {cpu: 2}}}]",
                "{affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 50, preference: {matchExpressions: [{key: disk, operator: Exists}]}}]}}} | {metadata: {name: b, labels: {disk: ssd}}} | {} | ``",
                "{affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 90, preference: {matchExpressions: [{key: disk, operator: Exists}]}}, {weight: 80, preference: {matchExpressions: [{key: fast, operator: Exists}]}}]}}} | {metadata: {name: b, labels: {disk: ssd}}} | {metadata: {name: a, labels: {fast: 'yes'}}} | ``",
                "{containers: [{image: 'r/big:1'}]} | {status: {allocatable: {cpu: '4', memory: 8Gi}, images: [{names: ['r/big:1'], sizeBytes: 900000000}]}} | {} | ``",
                "{containers: [{image: busybox}]} | {status: {allocatable: {cpu: '4', memory: 8Gi}, images: [{names: ['busybox:latest'], sizeBytes: 900000000}]}} | {} | ``",
                // cpu and memory are to be used alike
                "{containers: [{resources: {requests: {cpu: 1}}}]} | {} | {status: {allocatable: {cpu: '2', memory: 1Ti}}} | ``",
            })
    void prefersTheNodeThatSuitsBetter(String podSpec, String better, String worse, String runningOnWorse) {
        ObjectNode pod = parse("{metadata: {name: p, namespace: n, uid: p}, spec: " + podSpec + "}");
        ObjectNode good = parse("{metadata: {name: b}, " + NODE + "}");
        good.setAll(parse(better));
        ObjectNode bad = parse("{metadata: {name: a}, " + NODE + "}");
        bad.setAll(parse(worse));
        Map<String, NodeLoad> loads = runningOnWorse.isEmpty()
                ? Map.of()
                : Map.of(
                        "a",
                        load(placed("{metadata: {name: r, uid: r}, spec: {containers: " + runningOnWorse + "}}", "a")));

        long[] scores = scores(pod, List.of(bad, good), loads);

        if (better.equals("{}") && worse.equals("{}") && runningOnWorse.isEmpty()) {
            assertThat(scores[1]).as("no difference").isEqualTo(scores[0]);
        } else {
            assertThat(scores[1]).isGreaterThan(scores[0]);
        }
    }

    /// Upstream's figures for an empty and a half-used node.
    @ParameterizedTest
    @CsvSource({"0, 0, 100, 200", "2, 4, 50, 150", "4, 8, 0, 100", "2, 0, 75, 150", "8, 8, 0, 100"})
    void countsWhatIsLeftAndHowAlikeTheSharesAre(int cpu, int memory, long left, long together) {
        ObjectNode pod =
                parse("{spec: {containers: [{resources: {requests: {cpu: " + cpu + ", memory: " + memory + "Gi}}}]}}");
        var spot = Spot.of(parse("{metadata: {name: a}, " + NODE + "}"), NodeLoad.NONE);

        assertThat(Scores.resources(PodView.of(pod).heldRequests(), spot))
                .as("with " + left)
                .isEqualTo(together);
    }

    /// Nodes come and go; what is kept of their images must not grow with all that ever were.
    @Test
    void forgetsTheImagesOfNodesThatAreGone() {
        ObjectNode pod = parse("{spec: {containers: [{image: 'r/big:1'}]}}");
        String big = "images: [{names: ['r/big:1'], sizeBytes: 900000000}]";
        Spot stays = spot("a", "images: [{names: ['r/other:1'], sizeBytes: 1}]");
        var images = new NodeImages();
        assertThat(images.scores(pod, List.of(stays, spot("b", big))).applyAsLong(spot("b", big)))
                .isPositive();

        images.scores(pod, List.of(stays));

        Spot anew = spot("b", "images: [{names: ['r/other:1'], sizeBytes: 1}]");
        assertThat(images.scores(pod, List.of(stays, anew)).applyAsLong(anew)).isZero();
    }

    private static Spot spot(String name, String status) {
        return Spot.of(
                parse("{metadata: {name: " + name + ", resourceVersion: '7'}, status: {" + status + "}}"),
                NodeLoad.NONE);
    }

    @Test
    void spreadsSiblingsOfOneController() {
        ObjectNode pod = parse(owned("p", "set"));
        var nodes = List.of(
                parse("{metadata: {name: a, labels: {kubernetes.io/hostname: a}}, " + NODE + "}"),
                parse("{metadata: {name: b, labels: {kubernetes.io/hostname: b}}, " + NODE + "}"));

        long[] scores = scores(pod, nodes, Map.of("a", load(placed(owned("s", "set"), "a"))));
        assertThat(scores[1]).isGreaterThan(scores[0]);

        scores = scores(pod, nodes, Map.of("a", load(placed(owned("s", "other"), "a"))));
        assertThat(scores[1]).isEqualTo(scores[0]);

        ObjectNode nobodys = parse("{metadata: {name: n, namespace: n, uid: n}, spec: {}}");
        scores = scores(nobodys, nodes, Map.of("a", load(Placed.of(nobodys, "a"))));
        assertThat(scores[1]).as("those of nobody are no siblings").isEqualTo(scores[0]);
    }

    @Test
    void spreadsPodsBehindOneService() {
        var service = parse("{metadata: {name: s, namespace: n}, spec: {selector: {app: web}}}");
        Placed web = placed("{metadata: {name: p, namespace: n, uid: p, labels: {app: web, tier: x}}}", "");

        var siblings = Siblings.of(web, List.of(service, parse("{metadata: {name: t}, spec: {selector: {app: db}}}")));

        assertThat(siblings.has(web)).isTrue();
        assertThat(siblings.has(placed("{metadata: {name: q, namespace: n, uid: q, labels: {app: db}}}", "a")))
                .isFalse();
        assertThat(Siblings.of(placed("{metadata: {name: q, namespace: n, uid: q}}", ""), List.of(service))
                        .areAny())
                .isFalse();
    }

    private static long[] scores(ObjectNode pod, List<ObjectNode> nodes, Map<String, NodeLoad> loads) {
        var cluster = Clusters.of(nodes, loads, _ -> Map.of());
        Placed self = Placed.of(pod, "");
        return Scores.of(
                pod,
                cluster.spots(),
                InterPodAffinity.of(self, cluster),
                TopologySpread.of(pod, self, cluster, Siblings.of(self, List.of())),
                new NodeImages().scores(pod, cluster.spots()));
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
        return "{metadata: {name: " + name + ", namespace: n, uid: " + name
                + ", ownerReferences: [{kind: ReplicaSet, name: r, uid: " + controller
                + ", controller: true}]}, spec: {}}";
    }

    /// The sums that are kept are those that counting anew would give, whatever came and went in which order.
    @Test
    void keepsTheSumsOfWhatIsPlaced() {
        var image = new ClusterImage();
        for (int i = 0; i < 20; i++) {
            String pod =
                    "{metadata: {name: p, uid: u%d}, spec: {nodeName: %s, containers: [{resources: {requests: {cpu: %dm}}}]}}";
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
