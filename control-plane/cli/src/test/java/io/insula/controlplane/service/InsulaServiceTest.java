package io.insula.controlplane.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.home.HomeState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole of it, with real etcd and Kafka, in this JVM.
final class InsulaServiceTest {

    @TempDir
    private Path home;

    /// As if it were given the kubeconfig of another cluster.
    private void refusesAnotherHost() {
        HomeState state = HomeState.open(new Home(home));
        String own = state.host().orElseThrow();
        state.rememberHost("the uid of another");
        assertThatThrownBy(() -> InsulaService.start(ServicePlan.of(home), _ -> {}))
                .isInstanceOf(HomeException.class)
                .hasMessageContaining("another host cluster")
                .hasMessageContaining("--change-host");
        HomeState.open(new Home(home)).rememberHost(own);
    }

    @Test
    void carriesATenantOverARestartAndRemovesItWithoutTrace() {
        var progress = new ArrayList<String>();
        try (var service = InsulaService.start(ServicePlan.of(home), progress::add)) {
            assertThat(service.adminEndpoint()).startsWith("https://127.0.0.1:");
            assertThat(progress).anyMatch(line -> line.startsWith("admin API"));
            assertThatThrownBy(() -> InsulaService.start(ServicePlan.of(home), _ -> {}))
                    .isInstanceOf(HomeException.class);
            assertThat(insula("tenant", "create", "acme", "--profile", "kata")).isZero();
            assertThat(insula("tenant", "create", "acme")).isEqualTo(1);
            assertThat(insula("tenant", "create", "other", "--profile", "nope")).isEqualTo(1);
            try (KubernetesClient acme = new Terminal(home).client("acme")) {
                acme.resource(new ConfigMapBuilder()
                                .withNewMetadata()
                                .withName("kept")
                                .withNamespace("default")
                                .endMetadata()
                                .addToData("a", "b")
                                .build())
                        .create();
            }
        }
        refusesAnotherHost();
        try (var _ = InsulaService.start(ServicePlan.of(home), _ -> {})) {
            assertThat(insula("up")).isZero();
            assertThat(insula("up", "--listen", "0.0.0.0"))
                    .as("options that do not take effect")
                    .isEqualTo(1);
            assertThat(insula("up", "--listen", "127.0.0.1")).as("as it is").isZero();
            try (KubernetesClient acme = new Terminal(home).client("acme")) {
                assertThat(acme.configMaps()
                                .inNamespace("default")
                                .withName("kept")
                                .get()
                                .getData())
                        .containsEntry("a", "b");
            }
            assertThat(insula("tenant", "delete", "acme")).isZero();
            assertThat(home.resolve("tenants").resolve("acme")).doesNotExist();
            assertThat(insula("tenant", "get", "acme")).isEqualTo(1);
            assertThat(insula("status")).isZero();
            awaitGone(home.resolve("audit").resolve("acme"));
        }
        assertThat(home.resolve("service.json")).doesNotExist();
    }

    private static void awaitGone(Path folder) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (Files.exists(folder)) {
            assertThat(System.nanoTime()).as("%s is removed in time", folder).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private int insula(String... arguments) {
        return new Terminal(home).type(arguments).code();
    }
}
