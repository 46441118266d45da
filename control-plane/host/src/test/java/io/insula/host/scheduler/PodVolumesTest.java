package io.insula.host.scheduler;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.NodeLoad;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.tenantapi.api.Meta;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which nodes suit a pod's claims that have no volume yet, and the volumes that they have.
final class PodVolumesTest {

    private static final ObjectNode POD = parse(
            "{metadata: {name: p, namespace: n}, spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]}}");
    private static final String CLAIM = "{metadata: {name: data, namespace: n, uid: c}, spec: {storageClassName: later,"
            + " accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}}";

    /// @param volumes `name size node`, joined by commas
    /// @param node the node asked about, and its labels
    /// @param want the volume that it would get, `made` for a new one, else why not
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "provisioner: x | '' | n1 | {} | made",
                "provisioner: kubernetes.io/no-provisioner | '' | n1 | {} | node(s) didn't find available persistent volumes to bind",
                "provisioner: kubernetes.io/no-provisioner | a 4Gi n1 | n1 | {} | a",
                "provisioner: kubernetes.io/no-provisioner | a 4Gi n2 | n1 | {} | node(s) didn't find available persistent volumes to bind",
                "provisioner: kubernetes.io/no-provisioner | a 1Gi n1 | n1 | {} | node(s) didn't find available persistent volumes to bind",
                "provisioner: kubernetes.io/no-provisioner | a 9Gi n1, b 3Gi n1 | n1 | {} | b",
                "provisioner: x | a 4Gi n2 | n1 | {} | made",
                "'provisioner: x, allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a]}]}]' | '' | n1 | {zone: a} | made",
                "'provisioner: x, allowedTopologies: [{matchLabelExpressions: [{key: zone, values: [a]}]}]' | '' | n1 | {zone: b} | node(s) didn't find available persistent volumes to bind",
            })
    void findsOrHasMadeWhatAClaimNeeds(String storageClass, String volumes, String node, String labels, String want) {
        var all = volumes.isEmpty()
                ? List.<ObjectNode>of()
                : Stream.of(volumes.split(", ", -1)).map(PodVolumesTest::volume).toList();
        var pod = PodVolumes.of(
                POD,
                _ -> Optional.of(parse(CLAIM)),
                _ -> Optional.empty(),
                _ -> Optional.of(parse(
                        "{metadata: {name: later}, volumeBindingMode: WaitForFirstConsumer, " + storageClass + "}")),
                () -> all);
        ObjectNode place = parse("{metadata: {name: " + node + ", labels: " + labels + "}}");

        String got = pod.against(place)
                .orElseGet(() -> pod.placed(place).orElseThrow().values().stream()
                        .map(volume -> volume.map(Meta::name).orElse("made"))
                        .findFirst()
                        .orElseThrow());

        assertThat(got).isEqualTo(want);
    }

    /// Two claims of one pod do not get the same volume.
    @Test
    void givesNoVolumeAwayTwice() {
        ObjectNode pod = parse("{metadata: {name: p, namespace: n}, spec: {volumes: [{name: v, persistentVolumeClaim:"
                + " {claimName: one}}, {name: w, persistentVolumeClaim: {claimName: two}}]}}");
        var volumes = PodVolumes.of(
                pod,
                key -> Optional.of(parse(
                        CLAIM.replace("name: data", "name: " + key.name()).replace("uid: c", "uid: " + key.name()))),
                _ -> Optional.empty(),
                _ -> Optional.of(parse("{metadata: {name: later}, volumeBindingMode: WaitForFirstConsumer, provisioner:"
                        + " kubernetes.io/no-provisioner}")),
                () -> List.of(volume("a 4Gi n1"), volume("b 4Gi n2")));

        assertThat(volumes.against(parse("{metadata: {name: n1}}"))).contains(PodVolumes.NONE_TO_BIND);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{topology.kubernetes.io/zone: a} | {topology.kubernetes.io/zone: a} | true",
                "{topology.kubernetes.io/zone: a} | {topology.kubernetes.io/zone: b} | false",
                "{topology.kubernetes.io/zone: a__b} | {topology.kubernetes.io/zone: b} | true",
                "{topology.kubernetes.io/region: r} | {topology.kubernetes.io/zone: b} | false",
                "{topology.kubernetes.io/zone: a} | {} | true",
                "{} | {topology.kubernetes.io/zone: b} | true",
            })
    void keepsPodsInTheZoneOfTheirVolumes(String volume, String node, boolean fits) {
        var volumes = PodVolumes.of(
                POD,
                _ -> Optional.of(
                        parse(
                                "{metadata: {name: data, annotations: {pv.kubernetes.io/bind-completed: 'yes'}}, spec: {volumeName: v}}")),
                _ -> Optional.of(parse("{metadata: {name: v, labels: " + volume + "}, spec: {}}")),
                _ -> Optional.empty(),
                List::of);

        assertThat(volumes.against(parse("{metadata: {name: a, labels: " + node + "}}")))
                .isEqualTo(fits ? Optional.empty() : Optional.of(PodVolumes.OTHER_ZONE));
    }

    @Test
    void keepsAVolumeForOnePodToThatPod() {
        var volumes = PodVolumes.of(
                POD,
                _ -> Optional.of(parse("{metadata: {name: data, annotations: {pv.kubernetes.io/bind-completed: 'yes'}},"
                        + " spec: {volumeName: v, accessModes: [ReadWriteOncePod]}}")),
                _ -> Optional.empty(),
                _ -> Optional.empty(),
                List::of);
        var nodes = List.of(parse("{metadata: {name: a}}"), parse("{metadata: {name: b}}"));
        var user = Placed.of(parse(POD.toString().replace("\"p\"", "\"q\"")), "b");

        assertThat(volumes.inUse("n", Clusters.of(nodes, Map.of(), _ -> Map.of())))
                .isEmpty();
        assertThat(volumes.inUse("n", Clusters.of(nodes, Map.of("b", NodeLoad.of(List.of(user))), _ -> Map.of())))
                .contains(PodVolumes.IN_USE);
        assertThat(volumes.inUse("other", Clusters.of(nodes, Map.of("b", NodeLoad.of(List.of(user))), _ -> Map.of())))
                .isEmpty();
    }

    private static ObjectNode volume(String text) {
        String[] parts = text.split(" ", -1);
        return parse("{metadata: {name: " + parts[0] + "}, spec: {storageClassName: later, capacity: {storage: "
                + parts[1]
                + "}, accessModes: [ReadWriteOnce], nodeAffinity: {required: {nodeSelectorTerms: [{matchFields: [{key:"
                + " metadata.name, operator: In, values: [" + parts[2] + "]}]}]}}}, status: {phase: Available}}");
    }
}
