package io.insula.node.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.agent.Admission.Place;
import io.insula.node.agent.Admission.Rejection;
import io.insula.node.pod.PodTrees;
import io.insula.rules.resources.Amounts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AdmissionTest {

    private static final String LIMITED = "containers: [{name: c, resources: {requests: {%s}}}]";

    /// Beside one pod that takes one of two processors, 1Gi of 2Gi, and port 80.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                // spec | reason | message; both empty where it is taken
                "containers: [{name: c}]||",
                "containers: [{name: c, resources: {requests: {cpu: '1', memory: 1Gi}}}]||",
                "containers: [{name: c, resources: {requests: {cpu: 1100m}}}]|OutOfcpu|Node didn't have enough resource: cpu, requested: 1100, used: 1000, capacity: 2000",
                "containers: [{name: c, resources: {requests: {memory: 1025Mi}}}]|OutOfmemory|Node didn't have enough resource: memory, requested: 1074790400, used: 1073741824, capacity: 2147483648",
                "containers: [{name: c, resources: {requests: {hugepages-2Mi: 2Mi}}}]|OutOfhugepages-2Mi|Node didn't have enough resource: hugepages-2Mi, requested: 2097152, used: 0, capacity: 0",
                "initContainers: [{name: i, resources: {requests: {cpu: '3'}}}], containers: [{name: c}]|OutOfcpu|Node didn't have enough resource: cpu, requested: 3000, used: 1000, capacity: 2000",
                "containers: [{name: c, resources: {requests: {example.com/gpu: '1'}}}]|UnexpectedAdmissionError|Allocate failed due to no device plugin of this node serves example.com/gpu, which is unexpected",
                "nodeSelector: {pool: other}, containers: [{name: c}]|NodeAffinity|Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
                "nodeSelector: {pool: mine}, containers: [{name: c}]||",
                "containers: [{name: c, ports: [{containerPort: 1, hostPort: 80}]}]|NodePorts|Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
                "containers: [{name: c, ports: [{containerPort: 1, hostPort: 80, hostIP: 192.0.2.1}]}]|PodFeatureUnsupported|container c: ports.hostIP: this node opens host ports at all of its addresses",
                "containers: [{name: c, ports: [{containerPort: 1, hostPort: 80, protocol: UDP}]}]||",
                "containers: [{name: c, ports: [{containerPort: 80}]}]||",
                "os: {name: windows}, containers: [{name: c}]|PodOSNotSupported|Failed to admit pod as the OS field doesn't match node OS",
                "securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}, containers: [{name: c}]||",
                "securityContext: {sysctls: [{name: net/ipv4/tcp_syncookies, value: '1'}]}, containers: [{name: c}]||",
                "securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}, containers: [{name: c}]|SysctlForbidden|forbidden sysctl: \"\"kernel.msgmax\"\" not allowlisted",
                "hostNetwork: true, securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies, value: '1'}]}, containers: [{name: c}]|SysctlForbidden|forbidden sysctl: \"\"net.ipv4.tcp_syncookies\"\" not allowed with host net enabled",
                "hostIPC: true, securityContext: {sysctls: [{name: kernel.shm_rmid_forced, value: '1'}]}, containers: [{name: c}]|SysctlForbidden|forbidden sysctl: \"\"kernel.shm_rmid_forced\"\" not allowed with host ipc enabled",
                "hostUsers: false, containers: [{name: c}]|PodFeatureUnsupported|spec.hostUsers: this node's runtimes give pods no user namespaces of their own",
                "containers: [{name: c, volumeDevices: [{name: v, devicePath: /dev/v}]}]|PodFeatureUnsupported|container c: volumeDevices: this node serves no block volumes",
                "containers: [{name: c, volumeMounts: [{name: v, mountPath: /v, recursiveReadOnly: Enabled}]}]|PodFeatureUnsupported|container c: volumeMounts.recursiveReadOnly: not supported by this node's runtime",
                "securityContext: {appArmorProfile: {type: RuntimeDefault}}, containers: [{name: c}]|AppArmor|Cannot enforce AppArmor: AppArmor is not enabled on the host",
                "containers: [{name: c, securityContext: {appArmorProfile: {type: Localhost, localhostProfile: p}}}]|AppArmor|Cannot enforce AppArmor: AppArmor is not enabled on the host",
                "securityContext: {appArmorProfile: {type: Unconfined}}, containers: [{name: c}]||"
            })
    void takesOrRejects(String spec, String reason, String message) {
        Pod other = pod("""
                containers: [{name: c, resources: {requests: {cpu: '1', memory: 1Gi}}, ports: [{containerPort: 1, hostPort: 80}]}]
                """);
        var found = Admission.rejection(pod(spec), List.of(other), place(List.of(), false));
        if (reason == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).contains(new Rejection(reason, message.replace("\"\"", "\"")));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "MemoryPressure|containers: [{name: c}]|true",
                "MemoryPressure|containers: [{name: c, resources: {requests: {cpu: 1m}}}]|false",
                "MemoryPressure|tolerations: [{key: node.kubernetes.io/memory-pressure, operator: Exists}], containers: [{name: c}]|false",
                "MemoryPressure|priority: 2000001000, containers: [{name: c}]|false",
                "DiskPressure|containers: [{name: c, resources: {requests: {cpu: 1m}}}]|true",
                "DiskPressure|priority: 2000001000, containers: [{name: c}]|false"
            })
    void takesLessUnderPressure(String pressure, String spec, boolean rejected) {
        var found = Admission.rejection(pod(spec), List.of(), place(List.of(pressure), true));
        assertThat(found)
                .isEqualTo(
                        rejected
                                ? java.util.Optional.of(
                                        new Rejection("Evicted", "The node had condition: [" + pressure + "]. "))
                                : java.util.Optional.empty());
    }

    @Test
    void toleratesWhatThePodTolerates() {
        Node node = Serialization.unmarshal("""
                metadata: {name: n}
                spec: {taints: [{key: gone, effect: NoExecute}, {key: full, effect: NoSchedule}]}
                """, Node.class);
        var place = new Place(PodTrees.of(node), allocatable(), List.of(), true);
        assertThat(Admission.rejection(pod("containers: [{name: c}]"), List.of(), place))
                .contains(new Rejection(
                        "TaintToleration",
                        "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"));
        assertThat(Admission.rejection(
                        pod("tolerations: [{key: gone, operator: Exists}], containers: [{name: c}]"), List.of(), place))
                .isEmpty();
    }

    /// Who comes at the same time does not count against those who were first, nor twice.
    @Test
    void takesOneAfterTheOther() {
        var all = new ArrayList<Pod>();
        var admissions = new Admissions(
                pod -> all.stream()
                        .filter(p -> !p.getMetadata()
                                .getUid()
                                .equals(pod.getMetadata().getUid()))
                        .toList(),
                () -> place(List.of(), true));
        for (String uid : List.of("a", "b", "c")) {
            Pod pod = pod(LIMITED.formatted("cpu: '1'"));
            pod.getMetadata().setUid(uid);
            all.add(pod);
        }
        assertThat(admissions.admit(all.get(0))).isEmpty();
        assertThat(admissions.admit(all.get(1))).isEmpty();
        assertThat(admissions.admit(all.get(2)).orElseThrow().reason()).isEqualTo("OutOfcpu");
        assertThat(admissions.admit(all.get(0))).isEmpty();

        all.get(0).getStatus().setPhase("Succeeded");
        assertThat(admissions.admit(all.get(2))).isEmpty();
    }

    /// An agent that was killed knows nothing, but the pods say who was told that it starts.
    @Test
    void keepsWhomAnAgentBeforeTook() {
        Pod running = pod(LIMITED.formatted("cpu: '2'"));
        running.getStatus().setStartTime("2026-11-29T12:00:00Z");
        running.getMetadata().setUid("old");
        Pod fresh = pod(LIMITED.formatted("cpu: '1'"));
        var admissions = new Admissions(
                pod -> pod.getMetadata().getUid().equals("u") ? List.of(running) : List.of(fresh),
                () -> place(List.of(), true));
        assertThat(admissions.admit(fresh)).isPresent();
        assertThat(admissions.admit(running)).isEmpty();
    }

    private static Place place(List<String> pressure, boolean hasAppArmor) {
        Node node = Serialization.unmarshal("metadata: {name: n, labels: {pool: mine}}", Node.class);
        return new Place(PodTrees.of(node), allocatable(), pressure, hasAppArmor);
    }

    private static Amounts allocatable() {
        return Amounts.ofTexts(new HashMap<>(Map.of("cpu", "2", "memory", "2Gi", "pods", "10")));
    }

    private static Pod pod(String spec) {
        return Serialization.unmarshal(
                "metadata: {name: p, namespace: n, uid: u}\nstatus: {phase: Pending}\nspec: {" + spec.strip() + "}",
                Pod.class);
    }
}
