package io.insula.controlplane.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.isolation.HostWorkload.HostVirtualMachine;
import io.insula.isolation.TenantProfiles;
import io.insula.reconcile.Outcome.Settled;
import io.insula.syncer.kinds.Beans;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What stands on the host between the syncer's credential and a pod outside of its profile.
class HostWallsTest extends WalledHost {

    record Attack(String profile, String name, String patch, String told) {
        @Override
        public String toString() {
            return profile + ": " + name;
        }
    }

    static Stream<Attack> attacks() {
        return Stream.of("loose-runc", "loose-gvisor", "loose-kata", "strict", "burstable")
                .flatMap(HostWallsTest::attacks);
    }

    private static Stream<Attack> attacks(String profile) {
        return Stream.of(
                attack(profile, "the node's network", "{spec: {hostNetwork: true}}", "hostNetwork"),
                attack(profile, "the node's processes", "{spec: {hostPID: true}}", "hostPID"),
                attack(profile, "the node's memory", "{spec: {hostIPC: true}}", "hostIPC"),
                attack(profile, "a node", "{spec: {nodeName: n1}}", "spec.nodeName"),
                attack(profile, "a scheduler", "{spec: {schedulerName: mine}}", "spec.schedulerName"),
                attack(profile, "a runtime", "{spec: {runtimeClassName: other}}", "RuntimeClass"),
                attack(profile, "a weaker sandbox", weaker(profile), "spec.runtimeClassName"),
                attack(profile, "an account", "{spec: {serviceAccountName: other}}", "spec.serviceAccountName"),
                attack(
                        profile,
                        "the host's token",
                        "{spec: {automountServiceAccountToken: true}}",
                        "spec.automountServiceAccountToken"),
                attack(
                        profile,
                        "a token of the host by volume",
                        "{spec: {volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}]}}",
                        "spec.volumes.projected.sources"),
                attack(
                        profile,
                        "the host's trust",
                        "{spec: {volumes: [{name: v, projected: {sources: [{clusterTrustBundle: {name: x, path: p}}]}}]}}",
                        "spec.volumes.projected.sources"),
                attack(profile, "files", "{spec: {volumes: [{name: v, hostPath: {path: /}}]}}", "hostPath"),
                attack(profile, "a filer", "{spec: {volumes: [{name: v, nfs: {server: s, path: /}}]}}", "nfs"),
                attack(profile, "a driver", "{spec: {volumes: [{name: v, csi: {driver: d}}]}}", "csi"),
                attack(
                        profile,
                        "somebody's volume",
                        "{spec: {volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {volumeName: theirs, "
                                + "accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]}}",
                        "volumeName"),
                attack(profile, "every taint", "{spec: {tolerations: [{operator: Exists}]}}", "spec.tolerations"),
                attack(
                        profile,
                        "the nodes of others",
                        "{spec: {tolerations: [{key: dedicated, operator: Exists}]}}",
                        "spec.tolerations"),
                attack(
                        profile,
                        "devices",
                        "{spec: {resourceClaims: [{name: d, resourceClaimName: x}]}}",
                        "resourceClaims"),
                attack(profile, "to come first", "{spec: {priorityClassName: system-node-critical}}", "priorityClass"),
                container(profile, "privileged", "securityContext: {privileged: true}", "privileged"),
                container(profile, "the node's /proc", "securityContext: {procMount: Unmasked}", "procMount"),
                container(profile, "a port of the node", "ports: [{containerPort: 1, hostPort: 22}]", "hostPort"),
                container(profile, "no limits", "resources: {}", "resources"),
                container(
                        profile,
                        "a limit of nothing",
                        "resources: {limits: {cpu: '0', memory: '0'}, requests: {cpu: '0', memory: '0'}}",
                        "resources.limits"),
                container(
                        profile,
                        "more than it reserves",
                        "resources: {limits: {cpu: '4', memory: 4Gi}, requests: {cpu: '1', memory: 1Gi}}",
                        "resources.requests"),
                attack(
                        profile,
                        "privileged while starting",
                        "{spec: {initContainers: [{name: x, image: i, securityContext: {privileged: true}}]}}",
                        "privileged"),
                attack(
                        profile,
                        "a profile that is not the tenant's",
                        "{metadata: {annotations: {insula.io/profile: kubevirt}}}",
                        "no isolation profile of this tenant"),
                attack(profile, "no profile", "{metadata: {annotations: {insula.io/profile: ''}}}", "profile"),
                attack(
                        profile,
                        "the hypervisor's ear",
                        "{metadata: {annotations: {io.katacontainers.config.hypervisor.path: /bin/sh}}}",
                        "metadata.annotations"));
    }

    static Stream<Attack> standards() {
        return Stream.of("loose-runc", "strict", "gvisor", "burstable")
                .flatMap(profile -> Stream.of(
                        container(
                                profile,
                                "capabilities",
                                "securityContext: {capabilities: {add: [SYS_ADMIN]}}",
                                "capabilities.add"),
                        container(
                                profile,
                                "unconfined system calls",
                                "securityContext: {seccompProfile: {type: Unconfined}}",
                                "seccompProfile"),
                        container(
                                profile,
                                "an unconfined process",
                                "securityContext: {appArmorProfile: {type: Unconfined}}",
                                "appArmorProfile"),
                        container(
                                profile,
                                "an SELinux type",
                                "securityContext: {seLinuxOptions: {type: spc_t}}",
                                "seLinuxOptions"),
                        attack(
                                profile,
                                "a setting of the kernel",
                                "{spec: {securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}}}",
                                "sysctls"),
                        container(
                                profile,
                                "a probe of the node",
                                "livenessProbe: {httpGet: {host: 127.0.0.1, port: 10250}}",
                                "probes")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"attacks", "standards"})
    void refusesAPodOfTheSyncersOwnCredential(Attack attack) {
        Pod good = hostPod(attack.profile());
        assertThatCode(() -> create(stolen, good, true)).doesNotThrowAnyException();
        Pod bad = Serialization.unmarshal(merged(Serialization.asJson(good), attack.patch()), Pod.class);

        assertThatThrownBy(() -> create(stolen, bad, false))
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isIn(403, 422))
                // upstream writes some of the words in capitals
                .message()
                .containsIgnoringCase(attack.told());
        assertThatThrownBy(() -> create(host.client(), bad, false))
                .as("by anybody")
                .isInstanceOf(KubernetesClientException.class);
    }

    @Test
    void refusesMachinesThatReachTheNode() {
        assertThatCode(() -> create(stolen, machine("{}"), true)).doesNotThrowAnyException();
        for (var patch : List.of(
                "{spec: {volumes: [{name: v, hostDisk: {path: /dev/sda, type: Disk}}]}}",
                "{spec: {volumes: [{name: v, serviceAccount: {serviceAccountName: default}}]}}",
                "{spec: {domain: {devices: {hostDevices: [{name: d, deviceName: x}]}}}}",
                "{spec: {domain: {devices: {gpus: [{name: d, deviceName: x}]}}}}",
                "{spec: {domain: {devices: {filesystems: [{name: f, virtiofs: {}}]}}}}",
                "{spec: {networks: [{name: n, multus: {networkName: x}}]}}",
                "{spec: {domain: {devices: {interfaces: [{name: n, bridge: {}}]}}}}",
                "{spec: {tolerations: [{operator: Exists}]}}",
                "{spec: {domain: {resources: {}}}}",
                "{metadata: {annotations: {insula.io/profile: runc}}}",
                "{metadata: {annotations: {insula.io/profile: kubevirt}}}")) {
            assertThatThrownBy(() -> create(stolen, machine(patch), false))
                    .as(patch)
                    .isInstanceOfSatisfying(
                            KubernetesClientException.class,
                            e -> assertThat(e.getCode()).isIn(403, 422));
        }
    }

    @Test
    void keepsTheBoundsOfAProfile() {
        var namespace = "insula-bounded";
        assertThat(namespaces.ensure(tenant("bounded"), () -> choice("bounded")))
                .isInstanceOf(Settled.class);
        awaitReady(namespace);
        createIn(namespace, bounded("good", "{}"));
        createIn(
                namespace,
                bounded(
                        "open",
                        "{spec: {containers: [{ports: [{containerPort: 80, hostPort: 8000, protocol: TCP}]}]}}"));

        Map.of(
                        "{metadata: {annotations: {insula.io/pids-limit: null}}}",
                        "insula.io/pids-limit]: must be \"100\"",
                        "{metadata: {annotations: {insula.io/pids-limit: '4000'}}}",
                        "insula.io/pids-limit]: must be",
                        "{spec: {containers: [{ports: [{containerPort: 80, hostPort: 22}]}]}}",
                        "only these ports of the node",
                        "{spec: {containers: [{ports: [{containerPort: 80, hostPort: 8000, hostIP: 127.0.0.1}]}]}}",
                        "the node's addresses are shared",
                        "{spec: {hostNetwork: true}}",
                        "spec.hostNetwork",
                        "{spec: {containers: [{securityContext: {privileged: true}}]}}",
                        "privileged",
                        "{spec: {containers: [{resources: {limits: {cpu: 1001m, memory: 64Mi}, requests: {cpu: 1001m, memory: 64Mi}}}]}}",
                        "maximum cpu usage per Container is 1",
                        "{spec: {initContainers: [{name: s, image: i, restartPolicy: Always, "
                                + "resources: {limits: {cpu: '1', memory: 64Mi}, requests: {cpu: '1', memory: 64Mi}}}, {name: t, image: i, "
                                + "restartPolicy: Always, resources: {limits: {cpu: '1', memory: 64Mi}, requests: {cpu: '1', memory: 64Mi}}}]}}",
                        "maximum cpu usage per Pod is 1500m")
                .forEach((patch, told) -> assertThatThrownBy(() -> createIn(namespace, bounded("bad", patch)))
                        .as(patch)
                        .hasMessageContaining(told));
        assertThatThrownBy(() -> stolen.pods()
                        .inNamespace(namespace)
                        .withName("good")
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{\"metadata\":{\"annotations\":{\"insula.io/pids-limit\":\"4000\"}}}"))
                .as("of one that runs")
                .hasMessageContaining("insula.io/pids-limit]: must be");
    }

    /// As the syncer completes it.
    private static Pod bounded(String name, String patch) {
        var good = named(hostPod("bounded"), name);
        good.getMetadata().setAnnotations(Map.of("insula.io/profile", "bounded", "insula.io/pids-limit", "100"));
        return Serialization.unmarshal(merged(Serialization.asJson(good), patch), Pod.class);
    }

    private static GenericKubernetesResource machine(String patch) {
        var tenant = Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: vm-x-shop, annotations: {insula.io/profile: machines}}
                spec: {containers: [{name: c, image: i}]}
                """, Pod.class);
        var answer = Beans.profiles().translate(tenant, TenantProfiles.only(settings("machines")));
        var good = ((HostVirtualMachine) answer.workload()).machine();
        return Serialization.unmarshal(merged(Serialization.asJson(good), patch), GenericKubernetesResource.class);
    }

    private static Attack attack(String profile, String name, String patch, String told) {
        return new Attack(profile, name, patch, told);
    }

    private static Attack container(String profile, String name, String fields, String told) {
        return new Attack(profile, name, "{spec: {containers: [{name: c, image: i, " + fields + "}]}}", told);
    }

    private static String weaker(String profile) {
        return "{spec: {runtimeClassName: " + (profile.endsWith("kata") ? "gvisor" : "kata") + "}}";
    }
}
