package io.insula.host.scheduler;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.tenantapi.controllers.Key;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which nodes take which pods, and what is said of the others.
final class FiltersTest {

    private static final String FREE =
            "status: {allocatable: {cpu: '4', memory: 8Gi, pods: '2'}, conditions: [{type: Ready,"
                    + " status: 'True'}]}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | {} | fits",
                "{} | {unschedulable: true} | node(s) were unschedulable",
                "{tolerations: [{operator: Exists}]} | {unschedulable: true} | fits",
                "{tolerations: [{key: node.kubernetes.io/unschedulable, operator: Exists}]} | {unschedulable: true} | fits",
                "{} | {taints: [{key: a, value: b, effect: NoSchedule}]} | node(s) had untolerated taint {a: b}",
                "{} | {taints: [{key: a, effect: NoExecute}]} | node(s) had untolerated taint {a: }",
                "{} | {taints: [{key: a, effect: PreferNoSchedule}]} | fits",
                "{tolerations: [{key: a, operator: Exists}]} | {taints: [{key: a, value: b, effect: NoExecute}]} | fits",
                "{tolerations: [{key: a, value: b}]} | {taints: [{key: a, value: b, effect: NoSchedule}]} | fits",
                "{tolerations: [{key: a, value: c}]} | {taints: [{key: a, value: b, effect: NoSchedule}]} | node(s) had untolerated taint {a: b}",
                "{tolerations: [{key: a, operator: Exists, effect: NoExecute}]} | {taints: [{key: a, value: b, effect: NoSchedule}]} | node(s) had untolerated taint {a: b}",
                "{tolerations: [{key: a, operator: Exists}]} | {taints: [{key: a, effect: NoSchedule}, {key: z, effect: NoExecute}]} | node(s) had untolerated taint {z: }",
                "{nodeSelector: {disk: ssd}} | {} | fits",
                "{nodeSelector: {disk: hdd}} | {} | node(s) didn't match Pod's node affinity/selector",
                "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: disk, operator: NotIn, values: [ssd]}]}]}}}} | {} | node(s) didn't match Pod's node affinity/selector",
                "{containers: [{resources: {requests: {cpu: 4100m}}}]} | {} | Insufficient cpu",
                "{containers: [{resources: {requests: {cpu: 3, memory: 6Gi}}}]} | {} | Insufficient memory",
                "{containers: [{resources: {requests: {example.org/gpu: 1}}}]} | {} | Insufficient example.org/gpu",
                "{containers: [{ports: [{hostPort: 80, containerPort: 80}]}]} | {} | node(s) didn't have free ports for the requested pod ports",
                "{containers: [{ports: [{hostPort: 81, containerPort: 80}]}]} | {} | fits",
                "{containers: [{ports: [{hostPort: 80, hostIP: 10.0.0.1, containerPort: 80}]}]} | {} | node(s) didn't have free ports for the requested pod ports",
                "{containers: [{ports: [{hostPort: 80, protocol: UDP, containerPort: 80}]}]} | {} | fits",
                "{containers: [{ports: [{hostPort: 90, hostIP: 10.0.0.1, containerPort: 80}]}]} | {} | node(s) didn't have free ports for the requested pod ports",
                "{containers: [{ports: [{hostPort: 90, hostIP: 10.0.0.2, containerPort: 80}]}]} | {} | fits",
                "{containers: [{ports: [{hostPort: 90, containerPort: 80}]}]} | {} | node(s) didn't have free ports for the requested pod ports",
                "{containers: [{ports: [{containerPort: 80}]}]} | {} | fits",
                "{containers: [{resources: {requests: {cpu: 4}}}]} | {} | fits",
                "{containers: [{resources: {requests: {example.org/gpu: 0}}}]} | {} | fits",
            })
    void filters(String podSpec, String nodeSpec, String verdict) {
        ObjectNode pod = parse("{metadata: {name: p, namespace: n, uid: u}, spec: " + podSpec + "}");
        ObjectNode node = parse("{metadata: {name: a, labels: {disk: ssd}}, spec: " + nodeSpec + ", " + FREE + "}");
        ObjectNode other =
                parse("{metadata: {name: o, namespace: n, uid: o}, spec: {containers: [{resources: {requests:"
                        + " {memory: 3Gi}}, ports: [{hostPort: 80, containerPort: 80}, {hostPort: 90, hostIP: 10.0.0.1,"
                        + " containerPort: 80}]}]}}");

        List<String> against = against(pod, node, NodeLoad.of(List.of(Placed.of(other, "a"))));

        assertThat(against).isEqualTo(verdict.equals("fits") ? List.of() : List.of(verdict));
    }

    @Test
    void keepsOffANodeThatIsNotReady() {
        ObjectNode pod = parse("{metadata: {name: p}, spec: {}}");

        for (String conditions :
                List.of("[]", "[{type: Ready, status: Unknown}]", "[{type: Ready, status: 'False'}]")) {
            ObjectNode node =
                    parse("{metadata: {name: a}, status: {allocatable: {pods: '2'}, conditions: " + conditions + "}}");

            assertThat(against(pod, node, NodeLoad.NONE)).as(conditions).containsExactly("node(s) were not ready");
        }
    }

    /// All that is lacking is said, of whatever is counted.
    @Test
    void countsPodsBesideWhatTheyAskFor() {
        ObjectNode pod =
                parse("{metadata: {name: p}, spec: {containers: [{resources: {requests: {cpu: 1, memory: 7Gi}}}]}}");
        ObjectNode node = parse("{metadata: {name: a}, " + FREE + "}");
        var one =
                Placed.of(parse("{metadata: {name: o}, spec: {containers: [{resources: {requests: {cpu: 2}}}]}}"), "a");

        assertThat(against(pod, node, NodeLoad.NONE)).isEmpty();
        assertThat(against(pod, node, NodeLoad.of(List.of(one)))).isEmpty();
        assertThat(against(pod, node, NodeLoad.of(List.of(one, one))))
                .containsExactlyInAnyOrder("Too many pods", "Insufficient cpu");
    }

    private static List<String> against(ObjectNode pod, ObjectNode node, NodeLoad running) {
        return Filters.reasonsAgainst(pod, Placed.of(pod, ""), node, running);
    }

    /// A pod with the volume `data` on a claim of that name.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "none | persistentvolumeclaim \"data\" not found | 0 | 0",
                "{metadata: {name: data}, spec: {volumeName: v}, status: {phase: Lost}} | persistentvolumeclaim \"data\" bound to non-existent persistentvolume \"v\" | 0 | 0",
                "{metadata: {name: data, deletionTimestamp: '2026-01-01T00:00:00Z'}} | persistentvolumeclaim \"data\" is being deleted | 0 | 0",
                "{metadata: {name: data}, spec: {storageClassName: now}} | pod has unbound immediate PersistentVolumeClaims | 0 | 0",
                "{metadata: {name: data}, spec: {}} | pod has unbound immediate PersistentVolumeClaims | 0 | 0",
                "{metadata: {name: data}, spec: {storageClassName: gone}} | pod has unbound immediate PersistentVolumeClaims | 0 | 0",
                "{metadata: {name: data}, spec: {storageClassName: later}} | `` | 1 | 0",
                "{metadata: {name: data, annotations: {pv.kubernetes.io/bind-completed: 'yes'}}, spec: {volumeName: v}} | `` | 0 | 1",
                "{metadata: {name: data}, spec: {volumeName: v}} | pod has unbound immediate PersistentVolumeClaims | 0 | 0",
            })
    void waitsForClaims(String claim, String obstacle, int unbound, int bound) {
        ObjectNode pod =
                parse("{metadata: {name: p, namespace: n}, spec: {volumes: [{name: data, persistentVolumeClaim:"
                        + " {claimName: data}}, {name: tmp, emptyDir: {}}]}}");

        PodVolumes volumes = PodVolumes.of(
                pod,
                key -> claim.equals("none") || !key.equals(new Key("n", "data"))
                        ? Optional.empty()
                        : Optional.of(parse(claim)),
                key -> Optional.of(parse("{metadata: {name: v}, spec: {nodeAffinity: {required: {nodeSelectorTerms:"
                        + " [{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]}}}}")),
                key -> key.name().equals("later")
                        ? Optional.of(parse("{volumeBindingMode: WaitForFirstConsumer}"))
                        : key.name().equals("now")
                                ? Optional.of(parse("{volumeBindingMode: Immediate}"))
                                : Optional.empty(),
                List::of);

        assertThat(volumes.obstacle()).isEqualTo(obstacle);
        assertThat(volumes.unbound()).hasSize(unbound);
        assertThat(volumes.volumes()).hasSize(bound);
        for (ObjectNode volume : volumes.volumes()) {
            assertThat(volumes.against(parse("{metadata: {name: a, labels: {disk: ssd}}}")))
                    .as("%s", volume)
                    .isEmpty();
            assertThat(volumes.against(parse("{metadata: {name: b}}")))
                    .contains("node(s) didn't match PersistentVolume's node affinity");
        }
    }
}
