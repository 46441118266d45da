package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.process.OneKafka;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A tenant is suspended, by the command, over a restart and a sleep, while its pods go on.
final class SuspendTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    @TempDir
    private Path home;

    @Test
    void keepsEverybodyFromWritingAndPodsRunning() {
        var terminal = new Terminal(home);
        String masters;
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.type("tenant", "create", "acme").code()).isZero();
            masters = terminal.type("tenant", "kubeconfig", "acme", "--admin").output();
            try (KubernetesClient acme = client(masters);
                    KubernetesClient host = host(terminal)) {
                acme.resource(map("kept")).create();
                acme.resource(deployment()).create();
                Patience.await("it runs", () -> running(acme).isPresent());

                assertThat(terminal.insula("tenant", "suspend", "nobody")).contains("not found");
                assertThat(terminal.type("tenant", "suspend", "../acme").code()).isEqualTo(2);
                assertThat(terminal.insula("tenant", "suspend", "acme")).contains("is suspended");

                refused(acme);
                assertThat(terminal.isReady("acme")).isTrue();
                assertThat(terminal.insula("tenant", "list")).contains("suspended: read-only");
                assertThat(acme.configMaps()
                                .inNamespace("default")
                                .withName("kept")
                                .get())
                        .isNotNull();
                podsGoOn(acme, host);
                Patience.await("it is told", () -> events(host).contains("Suspended"));
            }
        }
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {});
                KubernetesClient acme = client(masters);
                KubernetesClient host = host(terminal)) {
            Patience.await("it is up again", () -> terminal.isReady("acme"));
            refused(acme);
            assertThat(terminal.insula("tenant", "sleep", "acme")).contains("sleeps");
            refused(acme);

            assertThat(terminal.insula("tenant", "resume", "acme")).contains("can be written again");
            acme.resource(map("again")).create();
            Patience.await("it is told", () -> events(host).contains("Resumed"));
            assertThat(terminal.insula("tenant", "list")).doesNotContain("suspended");
        }
    }

    private static void refused(KubernetesClient acme) {
        assertThatThrownBy(() -> acme.resource(map("more")).create())
                .isInstanceOfSatisfying(KubernetesClientException.class, e -> {
                    assertThat(e.getCode()).isEqualTo(403);
                    assertThat(e.getStatus().getReason()).isEqualTo("Forbidden");
                    assertThat(e.getStatus().getMessage()).contains("suspended by its superuser");
                });
        assertThatThrownBy(() -> acme.configMaps().inNamespace("default").delete())
                .isInstanceOf(KubernetesClientException.class);
    }

    /// The host loses one: the controllers make another, the syncer runs it and tells of it.
    private static void podsGoOn(KubernetesClient acme, KubernetesClient host) {
        String before = running(acme).orElseThrow();
        host.pods().inNamespace("insula-acme").withGracePeriod(0).delete();
        Patience.await(
                "another one runs",
                () -> running(acme).filter(name -> !name.equals(before)).isPresent());
    }

    private static Optional<String> running(KubernetesClient acme) {
        return acme.pods().inNamespace("default").list().getItems().stream()
                .filter(pod -> "Running".equals(pod.getStatus().getPhase())
                        && pod.getMetadata().getDeletionTimestamp() == null)
                .map(Pod::getMetadata)
                .map(metadata -> metadata.getName())
                .findFirst();
    }

    private static String events(KubernetesClient host) {
        return host.v1().events().inNamespace("default").list().getItems().toString();
    }

    private static ConfigMap map(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .build();
    }

    private static Deployment deployment() {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName("web")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withReplicas(1)
                .withNewSelector()
                .withMatchLabels(Map.of("app", "web"))
                .endSelector()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(Map.of("app", "web"))
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("main")
                .withImage("registry.example/app")
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static KubernetesClient client(String kubeconfig) {
        Config config = Config.fromKubeconfig(kubeconfig);
        config.setRequestRetryBackoffLimit(0);
        config.setRequestTimeout(180_000);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private static KubernetesClient host(Terminal terminal) {
        return client(terminal.type("host", "kubeconfig").output());
    }
}
