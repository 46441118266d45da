package io.insula.controlplane.service;

import static io.insula.controlplane.service.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.process.OneKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Real etcd processes that hang, die and rot: the tenant's status says so while it is so, and the other tenant goes
/// on.
final class SickStoreTest {

    @RegisterExtension
    static final OneKafka KAFKA = new OneKafka();

    @TempDir
    private Path home;

    @Test
    void saysWhatIsWrongWithATenantsStoreWhileItIsWrong() throws Exception {
        var terminal = new Terminal(home);
        try (var _ = InsulaService.start(ServicePlan.of(home).with(KAFKA.settings(home)), _ -> {})) {
            assertThat(terminal.insula("tenant", "create", "acme")).contains("acme");
            assertThat(terminal.insula("tenant", "create", "globex")).contains("globex");

            signal("STOP", terminal.etcd("acme"));
            await(
                    "a stopped etcd is told",
                    () -> terminal.ready("acme").contains("kill -CONT " + terminal.etcd("acme")));
            assertThat(terminal.ready("acme")).contains("False", "EtcdNotAnswering");
            assertThat(terminal.insula("status")).contains("1 of 2 ready");
            assertThat(terminal.ready("globex")).contains("True");

            signal("CONT", terminal.etcd("acme"));
            await("it is ready again by itself", () -> terminal.isReady("acme"));

            String before = terminal.etcd("acme");
            signal("KILL", before);
            await(
                    "another one runs",
                    () -> !terminal.etcd("acme").equals(before)
                            && !terminal.etcd("acme").isEmpty());
            await("it is ready again by itself", () -> terminal.isReady("acme"));

            Path store = home.resolve("tenants/acme/etcd/data/member/snap/db");
            byte[] good = Files.readAllBytes(store);
            Files.writeString(store, "rubbish");
            signal("KILL", terminal.etcd("acme"));
            await("the damage is told", () -> terminal.ready("acme").contains("EtcdCorrupt"));
            assertThat(terminal.ready("acme")).contains("False", "tenants/acme/etcd/data", "backup");
            assertThat(store).hasContent("rubbish");
            assertThat(terminal.ready("globex")).contains("True");

            Files.write(store, good);
            await("it is ready again by itself", () -> terminal.isReady("acme"));
        }
    }

    private static void signal(String name, String pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor())
                .isZero();
    }
}
