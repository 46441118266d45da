package io.insula.tenantapi.controllers.autoscaling;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static io.insula.tenantapi.controllers.RealCluster.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.controllers.RealCluster;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.view.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AutoscalerTest {

    private RealCluster cluster;
    private String namespace = "";

    @BeforeAll
    void start() {
        cluster = RealCluster.withoutNodes();
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void newNamespace() {
        namespace = cluster.namespace();
    }

    @Test
    void saysThatNobodyServesMetrics() {
        replicaSet(2);
        autoscaler(1, 5);
        await("the condition", () -> reason("ScalingActive").equals("FailedGetResourceMetric"));
        assertThat(condition("ScalingActive").path("message").asText())
                .isEqualTo(
                        "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get"
                                + " metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could"
                                + " not find the requested resource (get pods.metrics.k8s.io)");
        assertThat(reason("AbleToScale")).isEqualTo("SucceededGetScale");
        await("the event", () -> cluster.hasEvent(namespace, "FailedComputeMetricsReplicas"));
        assertThat(replicas()).isEqualTo(2);
    }

    @Test
    void keepsWithinItsBoundsWithoutMetrics() {
        replicaSet(2);
        autoscaler(4, 5);
        await("the lower bound", () -> replicas() == 4);
        await("the event", () -> cluster.hasEvent(namespace, "SuccessfulRescale"));
        await("the condition", () -> !reason("AbleToScale").isEmpty());
    }

    @Test
    void tellsOfAMissingTarget() {
        autoscaler(1, 5);
        await("the condition", () -> reason("AbleToScale").equals("FailedGetScale"));
    }

    @Test
    void leavesATargetAloneThatIsScaledToZero() {
        replicaSet(0);
        autoscaler(1, 5);
        await("the condition", () -> reason("ScalingActive").equals("ScalingDisabled"));
        assertThat(replicas()).isZero();
    }

    @Test
    void proposesReplicasByUtilization() throws MetricsUnavailable {
        List<ObjectNode> pods = pods(3);
        // each asks for one core
        assertThat(propose(pods, 900, 50)).isEqualTo(6);
        assertThat(propose(pods, 500, 50)).isEqualTo(3);
        assertThat(propose(pods, 530, 50)).isEqualTo(3);
        assertThat(propose(pods, 100, 50)).isEqualTo(1);
    }

    @Test
    void countsSilentPodsAgainstTheChange() throws MetricsUnavailable {
        List<ObjectNode> pods = pods(4);
        Map<String, Long> two = Map.of("p0", 100L, "p1", 100L);
        // the two silent ones are taken to use what they should
        assertThat(ReplicaMath.of(4, pods, two, cpu(50)).replicas()).isEqualTo(3);
        Map<String, Long> busy = Map.of("p0", 900L, "p1", 900L);
        assertThat(ReplicaMath.of(4, pods, busy, cpu(50)).replicas()).isEqualTo(4);
    }

    @Test
    void shrinksOnlyToTheGreatestRecentWish() {
        var history = new ScalingHistory();
        var behavior = Json.object();
        Instant now = Instant.EPOCH;
        assertThat(history.stabilize(behavior, 5, 5, now)).isEqualTo(5);
        assertThat(history.stabilize(behavior, 5, 2, now.plusSeconds(60))).isEqualTo(5);
        assertThat(history.stabilize(behavior, 5, 2, now.plusSeconds(301))).isEqualTo(2);
        assertThat(history.stabilize(behavior, 5, 9, now.plusSeconds(302))).isEqualTo(9);
    }

    @Test
    void growsNoFasterThanAllowed() {
        Instant now = Instant.EPOCH;
        assertThat(new ScalingHistory().limit(Json.object(), 1, 100, now)).isEqualTo(5);
        assertThat(new ScalingHistory().limit(Json.object(), 10, 100, now)).isEqualTo(20);
        var rules = parse("{scaleUp: {policies: [{type: Pods, value: 2, periodSeconds: 60}]}}");
        var history = new ScalingHistory();
        assertThat(history.limit(rules, 10, 100, now)).isEqualTo(12);
        history.changed(2, now);
        assertThat(history.limit(rules, 12, 100, now.plusSeconds(30))).isEqualTo(12);
        assertThat(history.limit(rules, 12, 100, now.plusSeconds(61))).isEqualTo(14);
        assertThat(new ScalingHistory().limit(parse("{scaleDown: {selectPolicy: Disabled}}"), 9, 1, now))
                .isEqualTo(9);
    }

    private static int propose(List<ObjectNode> pods, long milli, long target) throws MetricsUnavailable {
        var usage = new HashMap<String, Long>();
        pods.forEach(pod -> usage.put(pod.at("/metadata/name").asText(), milli));
        return ReplicaMath.of(pods.size(), pods, usage, cpu(target)).replicas();
    }

    private static ReplicaMath.Target cpu(long percent) {
        return new ReplicaMath.Target("cpu", "", true, percent);
    }

    private static List<ObjectNode> pods(int count) {
        var pods = new ArrayList<ObjectNode>();
        for (int i = 0; i < count; i++) {
            pods.add(parse("{metadata: {name: p" + i + "}, spec: {containers: [{name: c, resources: {requests: {cpu:"
                    + " '1'}}}]}, status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}"));
        }
        return pods;
    }

    private void replicaSet(int replicas) {
        cluster.create(
                Resources.REPLICA_SETS,
                namespace,
                "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: r}, spec: {replicas: " + replicas
                        + ", selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec:"
                        + " {containers: [{name: c, image: i}]}}}}");
    }

    private void autoscaler(int least, int most) {
        cluster.create(
                Resources.HORIZONTAL_POD_AUTOSCALERS,
                namespace,
                "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {minReplicas: "
                        + least + ", maxReplicas: " + most + ", scaleTargetRef: {apiVersion: apps/v1, kind: ReplicaSet,"
                        + " name: r}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization,"
                        + " averageUtilization: 50}}}]}}");
    }

    private int replicas() {
        return cluster.at(Resources.REPLICA_SETS, namespace, "r", "/spec/replicas")
                .asInt();
    }

    private JsonNode condition(String type) {
        return Condition.of(cluster.get(Resources.HORIZONTAL_POD_AUTOSCALERS, namespace, "h"), type)
                .tree();
    }

    private String reason(String type) {
        return condition(type).path("reason").asText("");
    }
}
