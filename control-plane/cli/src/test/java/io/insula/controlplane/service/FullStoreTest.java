package io.insula.controlplane.service;

import static io.insula.controlplane.service.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.insula.controlplane.process.OneKafka;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Real etcd processes that have no room left: the tenant is told why nothing can be written, its superuser that it is
/// so, and both have a way out.
final class FullStoreTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    /// Of the smallest clusters that hold what each cluster holds from the start.
    private static final long STORE_BYTES = 24 << 20;

    /// Two files of etcd's log, which it makes full-size, and some megabytes for the store itself.
    private static final int DISK_MEBIBYTES = 160;
    private static final byte[] MEBIBYTE = new byte[1 << 20];

    private static final String LARGE = "x".repeat(900_000);

    @TempDir
    private Path home;

    /// So many ConfigMaps were asked for; each has a name of its own, since one that failed may be there.
    private int asked;

    @Test
    void refusesWritesWhenATenantHasUsedUpItsStoreUntilSomeOfItIsDeleted() {
        var terminal = new Terminal(home);
        var options = ServicePlan.of(home).with(KAFKA.settings(home)).withStoreBytes(STORE_BYTES);
        try (var _ = InsulaService.start(options, _ -> {})) {
            assertThat(terminal.insula("tenant", "create", "acme")).contains("acme");
            assertThat(terminal.insula("tenant", "create", "globex")).contains("globex");
            try (KubernetesClient acme = terminal.client("acme")) {
                List<ConfigMap> written = new ArrayList<>();
                // what is left over from the writes is found room for more than once, while we look too
                await("it is told", () -> {
                    assertThatThrownBy(() -> fill(acme, written))
                            .isInstanceOf(KubernetesClientException.class)
                            .hasMessageContaining("space");
                    String ready = terminal.ready("acme");
                    return ready.contains("StoreOutOfSpace")
                            && ready.contains("False")
                            && terminal.insula("status").contains("1 of 2 ready");
                });
                assertThat(written).hasSizeGreaterThan(5);
                assertThat(terminal.isReady("globex")).isTrue();
                assertThat(acme.configMaps().inNamespace("default").list().getItems())
                        .as("all that was acknowledged is there, and nothing else")
                        .extracting(map -> map.getMetadata().getName())
                        .contains(written.getLast().getMetadata().getName())
                        .doesNotContain("full-" + (asked - 1));

                written.forEach(map -> acme.resource(map).delete());
                // the first that is deleted makes room for one more, which others may take
                await("it is ready again by itself, and takes writes", () -> terminal.isReady("acme") && isTaken(acme));
            }
        }
    }

    private boolean isTaken(KubernetesClient tenant) {
        try {
            tenant.resource(large("full-" + asked++)).create();
            return true;
        } catch (KubernetesClientException e) {
            assertThat(e).hasMessageContaining("space");
            return false;
        }
    }

    /// etcd ends where its disk takes no more, and cannot start again: nothing is damaged.
    @Test
    void saysWhenTheDiskOfATenantIsFullAndGoesOnOnceItIsNot() throws Exception {
        Path disk = Files.createDirectories(home.resolve("tenants/acme/etcd"));
        Assumptions.assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + DISK_MEBIBYTES + "m,mode=0700", "tmpfs", disk.toString())
                        == 0,
                "only root can mount a disk of its own");
        try {
            fillsUp(new Terminal(home), disk);
        } finally {
            run("umount", "-l", disk.toString());
        }
    }

    private void fillsUp(Terminal terminal, Path disk) throws IOException {
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.insula("tenant", "create", "acme")).contains("acme");
            assertThat(terminal.insula("tenant", "create", "globex")).contains("globex");
            try (KubernetesClient acme = terminal.client("acme")) {
                List<ConfigMap> written = new ArrayList<>();
                acme.resource(large("first")).create();
                takeTheRest(disk);
                // an etcd that ended for want of room starts again, and goes on for as long as its last log file lasts
                await("it is told", () -> {
                    assertThatThrownBy(() -> fill(acme, written)).isInstanceOf(KubernetesClientException.class);
                    return terminal.ready("acme").contains("EtcdDiskFull");
                });
                assertThat(terminal.ready("acme")).contains("False", "tenants/acme/etcd", "free space");
                assertThat(terminal.isReady("globex")).isTrue();

                run("mount", "-o", "remount,size=" + 2 * DISK_MEBIBYTES + "m", disk.toString());
                await("it is ready again by itself", () -> terminal.isReady("acme"));
                assertThat(acme.configMaps().inNamespace("default").list().getItems())
                        .as("all that was acknowledged is there")
                        .extracting(map -> map.getMetadata().getName())
                        .contains("first")
                        .containsAll(written.stream()
                                .map(map -> map.getMetadata().getName())
                                .toList());
                acme.resource(large("after")).create();
            }
        }
    }

    /// Somebody else's file has all of a disk that is left.
    private static void takeTheRest(Path disk) throws IOException {
        try (OutputStream file = Files.newOutputStream(disk.resolve("taken"))) {
            while (true) {
                file.write(MEBIBYTE);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    /// Writes until it is refused.
    private void fill(KubernetesClient tenant, List<ConfigMap> written) {
        for (int i = 0; i < 1000; i++) {
            written.add(tenant.resource(large("full-" + asked++)).create());
        }
    }

    private static ConfigMap large(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .addToData("large", LARGE)
                .build();
    }

    private static int run(String... command) {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor();
        } catch (IOException e) {
            return -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }
}
