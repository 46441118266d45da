package io.insula.controlplane.service;

import static io.insula.controlplane.service.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.insula.controlplane.cli.Insula;
import io.insula.tenantapi.api.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Real etcd processes that hang, die and rot: the tenant's status says so while it is so, and the other tenant goes
/// on.
final class SickStoreTest {

    @TempDir
    private Path home;

    @Test
    void saysWhatIsWrongWithATenantsStoreWhileItIsWrong() throws Exception {
        try (var _ = InsulaService.start(InsulaService.Options.of(home), _ -> {})) {
            assertThat(insula("tenant", "create", "acme")).contains("acme");
            assertThat(insula("tenant", "create", "globex")).contains("globex");

            signal("STOP", etcd("acme"));
            await("a stopped etcd is told", () -> ready("acme").contains("kill -CONT " + etcd("acme")));
            assertThat(ready("acme")).contains("False", "EtcdNotAnswering");
            assertThat(insula("status")).contains("1 of 2 ready");
            assertThat(ready("globex")).contains("True");

            signal("CONT", etcd("acme"));
            await("it is ready again by itself", () -> ready("acme").contains("\"True\""));

            String before = etcd("acme");
            signal("KILL", before);
            await(
                    "another one runs",
                    () -> !etcd("acme").equals(before) && !etcd("acme").isEmpty());
            await("it is ready again by itself", () -> ready("acme").contains("\"True\""));

            Path store = home.resolve("tenants/acme/etcd/data/member/snap/db");
            byte[] good = Files.readAllBytes(store);
            Files.writeString(store, "rubbish");
            signal("KILL", etcd("acme"));
            await("the damage is told", () -> ready("acme").contains("EtcdCorrupt"));
            assertThat(ready("acme")).contains("False", "tenants/acme/etcd/data", "backup");
            assertThat(store).hasContent("rubbish");
            assertThat(ready("globex")).contains("True");

            Files.write(store, good);
            await("it is ready again by itself", () -> ready("acme").contains("\"True\""));
        }
    }

    private String ready(String tenant) {
        String tree = insula("tenant", "get", tenant, "-o", "json");
        try {
            return Json.MAPPER
                    .readTree(tree)
                    .path("status")
                    .path("conditions")
                    .valueStream()
                    .filter(condition -> condition.path("type").asText().equals("Ready"))
                    .map(JsonNode::toString)
                    .findFirst()
                    .orElse("");
        } catch (JsonProcessingException e) {
            throw new AssertionError(tree, e);
        }
    }

    private String etcd(String tenant) {
        try {
            return Files.readString(home.resolve("tenants").resolve(tenant).resolve("etcd/pid"))
                    .strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static void signal(String name, String pid) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + name, pid).start().waitFor())
                .isZero();
    }

    private String insula(String... arguments) {
        var all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--home", home.toString()));
        PrintStream before = System.out;
        var captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            int _ = Insula.run(all.toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }
}
