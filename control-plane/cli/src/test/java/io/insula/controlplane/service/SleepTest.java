package io.insula.controlplane.service;

import static io.insula.controlplane.service.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.insula.controlplane.process.OneKafka;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A tenant sleeps and is woken, with real etcd and everything else.
final class SleepTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    private static final int AT_ONCE = 40;

    @TempDir
    private Path home;

    private Terminal terminal = new Terminal(Path.of(""));

    @BeforeEach
    void findHome() {
        terminal = new Terminal(home);
    }

    @Test
    void answersWhoeverAsksASleeperAsIfItHadNeverSlept() throws Exception {
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {});
                KubernetesClient host = host()) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            assertThat(terminal.type("tenant", "create", "other").code()).isZero();
            try (KubernetesClient acme = terminal.client("acme")) {
                acme.resource(map("kept")).create();
                acme.resource(pod()).create();
                await("the pod runs", () -> isRunning(acme));
                String pod = uidOnHost(host);
                String etcd = terminal.etcd("acme");

                assertThat(terminal.insula("tenant", "sleep", "acme")).contains("tenant acme sleeps");

                assertThat(ProcessHandle.of(Long.parseLong(etcd)).filter(ProcessHandle::isAlive))
                        .isEmpty();
                assertThat(terminal.insula("tenant", "list")).containsPattern("acme +runc +Asleep");
                assertThat(terminal.insula("status")).contains("1 of 2 ready, 1 asleep");
                assertThat(terminal.type("status").code()).isZero();
                assertThat(uidOnHost(host)).isEqualTo(pod);
                assertThat(terminal.isReady("other")).isTrue();
                try (KubernetesClient issued = terminal.client("acme")) {
                    assertThat(issued.getMasterUrl())
                            .as("a sleeper's kubeconfigs are issued")
                            .isNotNull();
                }
                assertThat(terminal.ready("acme"))
                        .as("which needs nobody awake")
                        .contains("Asleep");

                assertThat(acme.configMaps()
                                .inNamespace("default")
                                .withName("kept")
                                .get())
                        .isNotNull();
                await("it is ready again", () -> terminal.isReady("acme"));
                await("the pod is still there", () -> isRunning(acme));
                assertThat(uidOnHost(host)).isEqualTo(pod);
            }
            manyAtOnce();
            catchesUp(host);
        }
    }

    /// None is refused, and each write is done once.
    private void manyAtOnce() throws Exception {
        assertThat(terminal.insula("tenant", "sleep", "acme")).contains("sleeps");
        try (KubernetesClient acme = terminal.client("acme")) {
            var all = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < AT_ONCE; i++) {
                String name = "at-once-" + i;
                all.add(CompletableFuture.runAsync(
                        () -> acme.resource(map(name)).create()));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(5, TimeUnit.MINUTES);
            assertThat(acme.configMaps().inNamespace("default").list().getItems().stream()
                            .filter(map -> map.getMetadata().getName().startsWith("at-once-")))
                    .hasSize(AT_ONCE);
        }
    }

    /// What happens on the host while nobody looks is seen afterwards.
    private void catchesUp(KubernetesClient host) {
        await("it is ready", () -> terminal.isReady("acme"));
        assertThat(terminal.insula("tenant", "sleep", "acme")).contains("sleeps");
        host.pods().inNamespace("insula-acme").delete();
        await(
                "its pod is gone on the host",
                () -> host.pods().inNamespace("insula-acme").list().getItems().isEmpty());
        assertThat(terminal.ready("acme")).as("which is no reason to wake").contains("Asleep");
        assertThat(terminal.insula("tenant", "wake", "acme")).contains("ready");
        try (KubernetesClient acme = terminal.client("acme")) {
            await("the tenant hears of it", () -> {
                Pod pod = acme.pods().inNamespace("default").withName("runs").get();
                return pod == null || !"Running".equals(pod.getStatus().getPhase());
            });
        }
    }

    @Test
    void sleepsWhenNobodyUsesItAndOverARestart() throws Exception {
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            assertThat(terminal.type("tenant", "sleep", "acme", "--after", "soon")
                            .code())
                    .isEqualTo(1);
            assertThat(terminal.insula("tenant", "sleep", "acme", "--after", "2s"))
                    .contains("whenever nobody has used it for 2s");
            await("it sleeps by itself", () -> terminal.ready("acme").contains("Asleep"));
            String asleep = terminal.ready("acme");
            try (KubernetesClient acme = terminal.client("acme")) {
                assertThat(acme.namespaces().list().getItems()).as("it wakes").isNotEmpty();
                // two seconds of being awake are over sooner than a slow machine looks
                await("and sleeps again", () -> {
                    String now = terminal.ready("acme");
                    return now.contains("Asleep") && !now.equals(asleep);
                });
            }
            assertThat(terminal.insula("audit", "tail", "--tenant", "acme", "-n", "1000", "-o", "json"))
                    .contains("unused for as long as its idlePolicy says", "a request arrived at its endpoint");
        }
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.ready("acme")).as("a start wakes nobody").contains("Asleep");
            try (KubernetesClient acme = terminal.client("acme")) {
                assertThat(acme.namespaces().list().getItems()).isNotEmpty();
            }
            assertThat(terminal.insula("tenant", "sleep", "acme", "--after", "never"))
                    .contains("never sleeps");
            assertThat(terminal.insula("tenant", "sleep", "acme")).contains("sleeps");
            assertThat(terminal.insula("tenant", "delete", "acme")).contains("gone");
            assertThat(home.resolve("tenants/acme")).doesNotExist();
        }
    }

    private KubernetesClient host() {
        Config config =
                Config.fromKubeconfig(terminal.type("host", "kubeconfig").output());
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static boolean isRunning(KubernetesClient client) {
        Pod pod = client.pods().inNamespace("default").withName("runs").get();
        return pod != null && "Running".equals(pod.getStatus().getPhase());
    }

    private static String uidOnHost(KubernetesClient host) {
        return host.pods().inNamespace("insula-acme").list().getItems().stream()
                .map(pod -> pod.getMetadata().getUid())
                .reduce("", String::concat);
    }

    private static io.fabric8.kubernetes.api.model.ConfigMap map(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build();
    }

    private static Pod pod() {
        return new PodBuilder()
                .withNewMetadata()
                .withName("runs")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withImage("busybox:1.36")
                .withCommand("sleep", "infinity")
                .endContainer()
                .endSpec()
                .build();
    }
}
