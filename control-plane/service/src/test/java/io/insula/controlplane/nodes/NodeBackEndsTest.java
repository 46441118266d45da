package io.insula.controlplane.nodes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.HomeState;
import io.insula.controlplane.home.Listening;
import io.insula.controlplane.home.Ports;
import io.insula.controlplane.host.HostSetup;
import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.Kubeconfig;
import io.insula.controlplane.process.EtcdProcess;
import io.insula.controlplane.tenant.Clusters;
import io.insula.controlplane.tenant.Clusters.ClusterPlan;
import io.insula.controlplane.tenant.Clusters.Role;
import io.insula.controlplane.tenant.OutgoingRules;
import io.insula.controlplane.tenant.Stores;
import io.insula.controlplane.tenant.Stores.StorePlan;
import io.insula.isolation.Profiles;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.syncer.engine.Shortcut;
import io.insula.tenantapi.auth.structured.AuthenticationConfig;
import io.micronaut.context.ApplicationContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node back end is one file: [MadeUpBackEnd] is named nowhere, and yet a host has its nodes.
final class NodeBackEndsTest {

    private static final long PATIENCE_MINUTES = 3;
    private static final Profiles NO_PROFILES = new Profiles(List.of());

    @TempDir
    private Path folder;

    @Test
    void givesAHostTheNodesThatOneClassAdds() throws Exception {
        try (var beans = ApplicationContext.run("made-up");
                var host = new Host(beans, "made-up")) {
            host.client().resource(pod("web", "")).create();

            assertThat(host.running("web").getSpec().getNodeName()).isEqualTo("made-up-0");
            assertThat(host.client().nodes().list().getItems()).as("no other's").hasSize(1);
        }
    }

    /// Beside others, simulated nodes take only what no other node can serve; alone they take everything, and when they
    /// are no longer used they go.
    @Test
    void keepsPodsThatCanRunOffSimulatedNodes() throws Exception {
        try (var beans = ApplicationContext.run("made-up")) {
            try (var host = new Host(beans, "made-up,simulated")) {
                var nodes = host.start();
                assertThat(nodes.description())
                        .contains("made-up-0", "bare-metal-1", "simulated: nothing runs on them");
                for (String sandbox : List.of("", "gvisor", "kata")) {
                    host.client().resource(pod("with" + sandbox, sandbox)).create();
                }
                assertThat(host.running("with").getSpec().getNodeName()).isEqualTo("made-up-0");
                assertThat(host.running("withgvisor").getSpec().getNodeName()).isEqualTo("made-up-0");
                assertThat(host.running("withkata").getSpec().getNodeName()).startsWith("bare-metal-");
            }
            try (var host = new Host(beans, "simulated")) {
                host.start();
                assertThat(host.client().nodes().withName("made-up-0").get()).isNull();
                host.client().resource(pod("alone", "")).create();
                assertThat(host.running("alone").getSpec().getNodeName()).matches("(bare-metal|vm)-[01]");
            }
            try (var host = new Host(beans, "made-up")) {
                host.start();
                host.client().resource(pod("unserved", "kata")).create();
                assertThat(host.await(
                                        "unserved",
                                        found -> found.getStatus().getConditions().stream()
                                                .anyMatch(c -> "Unschedulable".equals(c.getReason())))
                                .getStatus()
                                .getConditions())
                        .anyMatch(c -> String.valueOf(c.getMessage())
                                .startsWith("0/1 nodes are available: 1 node(s) didn't match Pod's node"
                                        + " affinity/selector."));
                assertThat(host.client().nodes().list().getItems()).hasSize(1);
            }
        }
    }

    /// Claims that name no class get the class of nodes that really run, where there are such, and what somebody else
    /// has chosen stays.
    @Test
    void offersTheStorageClassesOfItsNodes() throws Exception {
        try (var beans = ApplicationContext.run("made-up")) {
            try (var host = new Host(beans, "simulated")) {
                host.start();
                assertThat(host.classes()).containsExactly(Map.entry("standard", true));
            }
            try (var host = new Host(beans, "made-up,simulated")) {
                host.start();
                assertThat(host.classes()).containsExactly(Map.entry("local", true), Map.entry("standard", false));
                host.setDefault("local", false);
            }
            try (var host = new Host(beans, "made-up,simulated")) {
                host.start();
                assertThat(host.classes()).containsExactly(Map.entry("local", false), Map.entry("standard", false));
            }
            try (var host = new Host(beans, "made-up")) {
                host.setDefault("own", true);
                host.start();
                assertThat(host.classes()).containsExactly(Map.entry("local", false), Map.entry("own", true));
            }
        }
    }

    @Test
    void takesRealOnesWhereThereCanBeSome() {
        var real = new Made("machine", true, "");
        var lacking = new Made("other", true, "it needs root");
        var simulated = new Made("simulated", false, "");

        assertThat(used(List.of(real, lacking, simulated), "")).containsExactly("machine");
        assertThat(used(List.of(real, lacking, simulated), "real")).containsExactly("machine");
        assertThat(used(List.of(real, lacking, simulated), "both")).containsExactly("machine", "simulated");
        assertThat(used(List.of(real, simulated), "simulated")).containsExactly("simulated");

        var withoutRoot = new NodeBackEnds(List.of(lacking, simulated), NO_PROFILES);
        assertThat(used(List.of(lacking, simulated), "")).containsExactly("simulated");
        assertThat(withoutRoot.choose("").note()).isEqualTo("real ones are not possible here: it needs root");
        for (String wanted : List.of("real", "both", "other", "simulated,other")) {
            assertThatThrownBy(() -> withoutRoot.choose(wanted))
                    .isInstanceOf(HomeException.class)
                    .hasMessageStartingWith("--nodes " + wanted + ": it needs root");
        }
    }

    @Test
    void saysWhichThereAre() {
        try (var beans = ApplicationContext.run()) {
            assertThatThrownBy(() -> beans.getBean(NodeBackEnds.class).choose("made-up"))
                    .isInstanceOf(HomeException.class)
                    .hasMessageMatching("--nodes: \"made-up\" \\(expected: real, both, or of .*\\)")
                    .hasMessageContaining(beans.getBeansOfType(NodeBackEnd.class).stream()
                            .map(NodeBackEnd::name)
                            .sorted()
                            .collect(Collectors.joining(", ")))
                    .hasMessageContaining("containerd")
                    .hasMessageContaining("simulated");
        }
    }

    @Test
    void refusesTwoOfOneName() {
        assertThatThrownBy(() -> new NodeBackEnds(List.of(new MadeUpBackEnd(), new MadeUpBackEnd()), NO_PROFILES))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("two node back ends are called made-up");
    }

    @Test
    void leadsToTheNodesThatRunWhateverTheirBackEnd() throws Exception {
        var all = new NodeBackEnds(List.of(new Made("idle", true, ""), new MadeUpBackEnd()), NO_PROFILES);
        assertThatThrownBy(() -> all.access(folder))
                .isInstanceOf(NodeAccess.Failure.class)
                .hasMessageContaining("no node of " + folder + " runs containers");

        Files.writeString(Files.createDirectories(folder.resolve("made-up")).resolve("running"), "");
        try (NodeAccess access = all.access(folder)) {
            assertThat(access.exec("c", List.of("uname"), Duration.ofSeconds(1)))
                    .isEqualTo("made-up: c [uname]");
        }
    }

    private static List<String> used(List<NodeBackEnd> all, String wanted) {
        return new NodeBackEnds(all, NO_PROFILES).choose(wanted).names();
    }

    /// @param lacks empty for what every machine can have
    private record Made(String name, boolean isReal, String lacks) implements NodeBackEnd {

        @Override
        public Optional<String> obstacle() {
            return Optional.of(lacks).filter(why -> !why.isEmpty());
        }

        @Override
        public RunningNodes start(Surroundings around) {
            throw new UnsupportedOperationException(name);
        }
    }

    private static Pod pod(String name, String sandbox) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withRuntimeClassName(sandbox.isEmpty() ? null : sandbox)
                .addNewContainer()
                .withName("c")
                .withImage("nginx")
                .endContainer()
                .endSpec()
                .build();
    }

    /// A host of these nodes; another one in the same folder goes on where it ended.
    private final class Host implements AutoCloseable {

        private final Deque<AutoCloseable> parts = new ArrayDeque<>();
        private final ChosenNodes chosen;
        private final KubernetesClient client;

        Host(ApplicationContext beans, String wanted) throws Exception {
            var ports = new Ports(HomeState.open(new Home(folder)), Listening.loopback());
            var pki = ClusterPki.open(folder.resolve("pki"), "test", List.of(), Clock.systemUTC());
            var store = new StorePlan(
                    "test",
                    Files.createDirectories(folder.resolve("etcd")),
                    pki,
                    ports.choose("client"),
                    ports.choose("peer"),
                    folder.resolve("etcd.log"),
                    EtcdProcess.QUOTA_BYTES);
            int port = ports.choose("api");
            chosen = beans.getBean(NodeBackEnds.class).choose(wanted);
            parts.push(beans.getBean(Stores.class).start(store));
            parts.push(beans.getBean(Clusters.class)
                    .start(new ClusterPlan(
                            "test",
                            new Role.Host(chosen.controllers()),
                            folder.resolve("api"),
                            pki,
                            store.clientPort(),
                            store.quotaBytes(),
                            "127.0.0.1",
                            port,
                            _ -> false,
                            () -> AuthenticationConfig.NONE,
                            () -> false,
                            OutgoingRules.NONE,
                            _ -> {})));
            client = connect(pki, port);
            parts.push(client);
            new HostSetup(client, beans.getBean(Profiles.class)).installRuntimes();
        }

        KubernetesClient client() {
            return client;
        }

        NodeBackEnd.RunningNodes start() {
            var nodes = chosen.start(
                    folder.resolve("nodes"),
                    client,
                    _ -> Config.empty(),
                    Shortcut.NONE,
                    _ -> Optional.empty(),
                    (_, _) -> {
                        throw new IllegalStateException("nobody serves");
                    });
            parts.push(nodes);
            return nodes;
        }

        /// Which there are, and which are the default.
        Map<String, Boolean> classes() {
            return client.storage().v1().storageClasses().list().getItems().stream()
                    .collect(Collectors.toMap(
                            each -> each.getMetadata().getName(),
                            each -> Map.of(WellKnownKeys.DEFAULT_STORAGE_CLASS, "true")
                                    .equals(each.getMetadata().getAnnotations()),
                            (one, _) -> one,
                            TreeMap::new));
        }

        void setDefault(String name, boolean isDefault) {
            client.resource(new StorageClassBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .addToAnnotations(WellKnownKeys.DEFAULT_STORAGE_CLASS, Boolean.toString(isDefault))
                            .endMetadata()
                            .withProvisioner("insula.io/local")
                            .withReclaimPolicy("Delete")
                            .withVolumeBindingMode("WaitForFirstConsumer")
                            .withAllowVolumeExpansion(true)
                            .build())
                    .createOr(each -> each.update());
        }

        Pod running(String name) {
            return await(name, found -> "Running".equals(found.getStatus().getPhase()));
        }

        Pod await(String name, Predicate<Pod> reached) {
            return client.pods()
                    .inNamespace("default")
                    .withName(name)
                    .waitUntilCondition(
                            found -> found != null && reached.test(found), PATIENCE_MINUTES, TimeUnit.MINUTES);
        }

        @Override
        public void close() {
            while (!parts.isEmpty()) {
                try {
                    parts.pop().close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }

    private static KubernetesClient connect(ClusterPki pki, int port) {
        var kubeconfig = new Kubeconfig(
                "test",
                "https://127.0.0.1:" + port,
                pki.authority().certificatePem(),
                "admin",
                pki.issueUser("admin", List.of(ClusterPki.MASTERS), Duration.ofDays(1)));
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.toYaml()))
                .build();
    }
}
