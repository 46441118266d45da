package io.insula.node.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.node.pod.ContainerSpecs.Files;
import io.insula.node.pod.DownwardFields.Surroundings;
import io.insula.node.runtime.ContainerSpec;
import io.insula.node.runtime.ContainerSpec.Mount;
import io.insula.node.runtime.Images.Image;
import io.insula.node.runtime.SandboxSpec;
import io.insula.node.runtime.Security.Profile;
import io.insula.rules.keys.InsulaKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ContainerSpecsTest {

    private static final NodeFacts NODE = new NodeFacts(
            "node-1",
            "192.0.2.1",
            List.of("10.96.0.10"),
            "cluster.local",
            8L << 30,
            Path.of("/logs"),
            "/insula/node-1");
    private static final Image IMAGE = new Image("sha256:1", List.of(), List.of(), 1, Optional.empty(), "", false);
    private static final Files FILES = new Files(
            Map.of("data", Path.of("/pods/1/volumes/data")),
            Path.of("/h"),
            Path.of("/t"),
            (volume, inside, _) -> volume.resolve(inside));
    private static final Surroundings AROUND = new Surroundings(
            new PodAddresses(List.of("10.0.0.5", "fd00::5"), "192.0.2.1"),
            Map.of("cpu", new Quantity("4"), "memory", new Quantity("8Gi")));

    private final FakeSources sources = new FakeSources();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "$(A)|one",
                "x$(A)y$(B)|xoneytwo",
                "$(C)|$(C)",
                "$$(A)|$(A)",
                "$$$(A)|$one",
                "$|$",
                "$(A|$(A",
                "$A|$A",
                "a$$|a$",
                "$(A)$(A)|oneone"
            })
    void expandsAsUpstream(String text, String want) {
        assertThat(Expansion.expand(text, Map.of("A", "one", "B", "two"))).isEqualTo(want);
    }

    @Test
    void givesAContainerItsEnvironmentFromEverySource() {
        sources.configMap("map", Map.of("k", "v", "other", "o"))
                .secret("secret", Map.of("s", "hidden"))
                .service(Serialization.unmarshal("""
                        metadata: {name: kubernetes, namespace: default}
                        spec: {clusterIP: 10.96.0.1, ports: [{name: https, port: 443, protocol: TCP}]}
                        """, Service.class));
        ContainerSpec spec = spec(pod("""
                - name: main
                  image: app
                  command: [run, "$(FIELD)", "$(NOBODY)"]
                  args: ["$(KEY)"]
                  envFrom:
                  - {prefix: P_, configMapRef: {name: map}}
                  - secretRef: {name: absent, optional: true}
                  resources: {limits: {cpu: 500m, memory: 64Mi}}
                  env:
                  - {name: KEY, valueFrom: {configMapKeyRef: {name: map, key: k}}}
                  - {name: HIDDEN, valueFrom: {secretKeyRef: {name: secret, key: s}}}
                  - {name: FIELD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                  - {name: IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}
                  - {name: HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
                  - {name: LABEL, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}}
                  - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m}}}
                  - {name: CORES, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
                  - {name: MEMORY, valueFrom: {resourceFieldRef: {resource: requests.memory, divisor: 1Mi}}}
                  - {name: NONE, valueFrom: {configMapKeyRef: {name: map, key: none, optional: true}}}
                  - {name: BOTH, value: "$(KEY)-$(P_other)"}
                """));

        assertThat(spec.env())
                .contains(
                        entry("P_k", "v"),
                        entry("KEY", "v"),
                        entry("HIDDEN", "hidden"),
                        entry("FIELD", "pod"),
                        entry("IPS", "10.0.0.5,fd00::5"),
                        entry("HOST", "192.0.2.1"),
                        entry("LABEL", "shop"),
                        entry("CPU", "500"),
                        entry("CORES", "1"),
                        entry("MEMORY", "64"),
                        entry("BOTH", "v-o"),
                        entry("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
                        entry("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
                        entry("KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443"))
                .doesNotContainKey("NONE");
        assertThat(spec.command()).containsExactly("run", "pod", "$(NOBODY)");
        assertThat(spec.args()).containsExactly("v");
    }

    record Fault(String container, String message) {}

    static Stream<Fault> faults() {
        return Stream.of(
                new Fault(
                        "env: [{name: A, valueFrom: {configMapKeyRef: {name: no, key: k}}}]",
                        "configmap \"no\" not found"),
                new Fault("env: [{name: A, valueFrom: {secretKeyRef: {name: no, key: k}}}]", "secret \"no\" not found"),
                new Fault("envFrom: [{configMapRef: {name: no}}]", "configmap \"no\" not found"),
                new Fault("envFrom: [{secretRef: {name: no}}]", "secret \"no\" not found"),
                new Fault(
                        "env: [{name: A, valueFrom: {configMapKeyRef: {name: map, key: no}}}]",
                        "couldn't find key no in ConfigMap ns/map"),
                new Fault(
                        "securityContext: {runAsNonRoot: true}",
                        "container has runAsNonRoot and image will run as root"),
                new Fault(
                        "securityContext: {runAsNonRoot: true, runAsUser: 0}",
                        "container's runAsUser breaks non-root policy"),
                new Fault("volumeMounts: [{name: none, mountPath: /x}]", "cannot find volume \"none\""),
                new Fault("volumeMounts: [{name: data, mountPath: /x, subPath: a/../../b}]", "leads out of the volume"),
                new Fault("volumeMounts: [{name: data, mountPath: /x, subPath: ..}]", "leads out of the volume"),
                new Fault("volumeMounts: [{name: data, mountPath: /x, subPath: /etc}]", "leads out of the volume"),
                new Fault(
                        "{env: [{name: E, value: ../../etc}], volumeMounts: [{name: data, mountPath: /x, subPathExpr:"
                                + " $(E)}]}",
                        "leads out of the volume"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void saysWhatCannotBeMade(Fault fault) {
        sources.configMap("map", Map.of());
        String fields = fault.container().startsWith("{")
                ? fault.container().substring(1, fault.container().length() - 1)
                : fault.container();
        Pod pod = pod("- {name: main, image: app, " + fields + "}");
        assertThatThrownBy(() -> spec(pod))
                .isInstanceOfSatisfying(
                        PodFault.class, e -> assertThat(e.reason()).isEqualTo("CreateContainerConfigError"))
                .hasMessageContaining(fault.message());
    }

    @Test
    void mountsVolumesHostsAndTheTerminationMessage() {
        ContainerSpec spec = spec(pod("""
                - name: main
                  image: app
                  terminationMessagePath: /why
                  env: [{name: SUB, value: one}]
                  volumeMounts:
                  - {name: data, mountPath: /all, readOnly: true}
                  - {name: data, mountPath: /some, subPathExpr: "a/$(SUB)", mountPropagation: HostToContainer}
                """));
        assertThat(spec.mounts())
                .containsExactly(
                        new Mount("/all", Path.of("/pods/1/volumes/data"), true, ContainerSpec.Propagation.PRIVATE),
                        new Mount(
                                "/some",
                                Path.of("/pods/1/volumes/data/a/one"),
                                false,
                                ContainerSpec.Propagation.HOST_TO_CONTAINER),
                        new Mount("/etc/hosts", Path.of("/h"), false, ContainerSpec.Propagation.PRIVATE),
                        new Mount("/why", Path.of("/t"), false, ContainerSpec.Propagation.PRIVATE));
    }

    @Test
    void givesSecurityAsContainerAndPodSayIt() {
        ContainerSpec spec = spec(pod(
                """
                - name: main
                  image: app
                  securityContext:
                    runAsUser: 7
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: true
                    capabilities: {add: [NET_BIND_SERVICE], drop: [ALL]}
                """,
                "securityContext: {runAsUser: 5, runAsGroup: 6, fsGroup: 9, supplementalGroups: [8],"
                        + " seccompProfile: {type: RuntimeDefault}}"));
        assertThat(spec.security()).satisfies(security -> {
            assertThat(security.user()).contains(7L);
            assertThat(security.group()).contains(6L);
            assertThat(security.supplementalGroups()).containsExactly(8L, 9L);
            assertThat(security.noNewPrivileges()).isTrue();
            assertThat(security.readOnlyRoot()).isTrue();
            assertThat(security.addCapabilities()).containsExactly("NET_BIND_SERVICE");
            assertThat(security.dropCapabilities()).containsExactly("ALL");
            assertThat(security.seccomp()).isEqualTo(new Profile.RuntimeDefault());
            assertThat(security.maskedPaths()).contains("/proc/kcore");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|BestEffort|2|0|0|1000",
                "{requests: {cpu: 250m, memory: 1Gi}}|Burstable|256|0|0|875",
                "{limits: {cpu: 500m, memory: 64Mi}}|Guaranteed|512|50000|67108864|-997",
                "{requests: {cpu: 1m}, limits: {cpu: 5m}}|Burstable|2|1000|0|999",
                "{requests: {memory: 8Gi}}|Burstable|2|0|0|3"
            })
    void boundsWhatAContainerTakes(String resources, String qos, long shares, long quota, long memory, int score) {
        Pod pod = pod("- {name: main, image: app, resources: " + resources + "}");
        assertThat(Resourcing.qos(pod)).isEqualTo(qos);
        assertThat(spec(pod).resources()).satisfies(bounds -> {
            assertThat(bounds.cpuShares()).isEqualTo(shares);
            assertThat(bounds.cpuQuotaMicros()).isEqualTo(quota);
            assertThat(bounds.memoryLimitBytes()).isEqualTo(memory);
            assertThat(bounds.oomScoreAdj()).isEqualTo(score);
        });
        assertThat(SandboxSpecs.cgroup(pod, NODE))
                .isEqualTo(
                        qos.equals("Guaranteed")
                                ? "/insula/node-1/poduid-1"
                                : "/insula/node-1/" + qos.toLowerCase(Locale.ROOT) + "/poduid-1");
    }

    record Dns(String spec, Optional<SandboxSpec.Dns> want) {}

    static Stream<Dns> dns() {
        List<String> searches = List.of("ns.svc.cluster.local", "svc.cluster.local", "cluster.local");
        var cluster = new SandboxSpec.Dns(List.of("10.96.0.10"), searches, List.of("ndots:5"));
        return Stream.of(
                new Dns("dnsPolicy: ClusterFirst", Optional.of(cluster)),
                new Dns("{dnsPolicy: ClusterFirst, hostNetwork: true}", Optional.empty()),
                new Dns("{dnsPolicy: ClusterFirstWithHostNet, hostNetwork: true}", Optional.of(cluster)),
                new Dns("dnsPolicy: Default", Optional.empty()),
                new Dns(
                        "{dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1], searches: [a], options: [{name: ndots,"
                                + " value: '2'}]}}",
                        Optional.of(new SandboxSpec.Dns(List.of("1.1.1.1"), List.of("a"), List.of("ndots:2")))),
                new Dns(
                        "dnsConfig: {searches: [mine], options: [{name: ndots, value: '1'}, {name: edns0}]}",
                        Optional.of(new SandboxSpec.Dns(
                                List.of("10.96.0.10"),
                                Stream.concat(searches.stream(), Stream.of("mine"))
                                        .toList(),
                                List.of("ndots:1", "edns0")))));
    }

    @ParameterizedTest
    @MethodSource("dns")
    void answersNamesAsThePodWantsIt(Dns dns) {
        String spec =
                dns.spec().startsWith("{") ? dns.spec().substring(1, dns.spec().length() - 1) : dns.spec();
        Pod pod = Serialization.unmarshal(
                "---\n{metadata: {name: pod, namespace: ns, uid: u}, spec: {containers: [], " + spec + "}}", Pod.class);
        assertThat(SandboxSpecs.dns(pod, NODE)).isEqualTo(dns.want());
    }

    /// It cannot reach the machine's own resolver, to which it was sent for want of one of its tenant's.
    @Test
    void answersATenantsPodWithItsTenantsNames() {
        Pod pod = Serialization.unmarshal(
                "---\n{metadata: {name: pod, namespace: insula-acme, annotations: {insula.io/namespace: shop}}, spec:"
                        + " {containers: [], dnsPolicy: Default}}",
                Pod.class);
        assertThat(SandboxSpecs.dns(pod, NODE))
                .hasValue(new SandboxSpec.Dns(
                        List.of("10.96.0.10"),
                        List.of("shop.svc.cluster.local", "svc.cluster.local", "cluster.local"),
                        List.of("ndots:5")));
    }

    @Test
    void namesThePodInItsHostsFile() {
        Pod pod = pod(
                "- {name: main, image: app}",
                "{hostname: web, subdomain: sub, hostAliases: [{ip: 1.2.3.4, hostnames: [a.example, b.example]}]}");
        assertThat(HostsFile.of(pod, List.of("10.0.0.5"), NODE))
                .contains("127.0.0.1\tlocalhost\n")
                .contains("10.0.0.5\tweb.sub.ns.svc.cluster.local\tweb\n")
                .contains("1.2.3.4\ta.example\tb.example\n");
        assertThat(SandboxSpecs.of(pod, 0, NODE).hostname()).isEqualTo("web");
    }

    /// The host's namespace is no part of it.
    @Test
    void namesATenantsPodAsItsTenantDoes() {
        Pod pod = pod("- {name: main, image: app}", "{hostname: web}");
        pod.getMetadata().setAnnotations(Map.of(InsulaKeys.NAMESPACE, "shop"));
        assertThat(HostsFile.of(pod, List.of("10.0.0.5"), NODE)).contains("10.0.0.5\tweb\n");
        pod.getMetadata().setAnnotations(Map.of(InsulaKeys.NAMESPACE, "shop", InsulaKeys.SUBDOMAIN, "sub"));
        assertThat(HostsFile.of(pod, List.of("10.0.0.5"), NODE))
                .contains("10.0.0.5\tweb.sub.shop.svc.cluster.local\tweb\n");
    }

    @Test
    void givesAPodItsWholeNameWhereItWantsSo() {
        String fields = "{setHostnameAsFQDN: true, hostname: web, subdomain: %s}";
        assertThat(SandboxSpecs.of(pod("- {name: main, image: app}", fields.formatted("sub")), 0, NODE)
                        .hostname())
                .isEqualTo("web.sub.ns.svc.cluster.local");
        Pod long64 = pod("- {name: main, image: app}", fields.formatted("s".repeat(50)));
        assertThatThrownBy(() -> SandboxSpecs.of(long64, 0, NODE))
                .isInstanceOf(PodFault.class)
                .hasMessageContaining("is too long (64 characters is the max, 75 characters requested)");
    }

    private ContainerSpec spec(Pod pod) {
        return ContainerSpecs.of(pod, pod.getSpec().getContainers().getFirst(), 0, IMAGE, FILES, sources, AROUND, NODE);
    }

    private static Pod pod(String containers) {
        return pod(containers, "");
    }

    private static Pod pod(String containers, String spec) {
        String fields = spec.startsWith("{") ? spec.substring(1, spec.length() - 1) : spec;
        Pod pod = Serialization.unmarshal(
                "metadata: {name: pod, namespace: ns, uid: uid-1, labels: {app: shop}}\nspec:\n  containers:\n"
                        + containers.indent(2),
                Pod.class);
        Pod extra = Serialization.unmarshal("---\n{spec: {" + fields + "}}", Pod.class);
        extra.getSpec().setContainers(pod.getSpec().getContainers());
        pod.setSpec(extra.getSpec());
        return pod;
    }
}
