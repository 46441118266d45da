package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.storage.etcd.EtcdCompactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Lists in pages, as upstream's conformance tests ask for them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ListConformanceTest {

    private static final int ALL = 400;

    private TestServer server;
    private String templates = "";

    @BeforeAll
    void start() {
        server = new TestServer();
        templates = "/api/v1/namespaces/" + server.namespace() + "/podtemplates";
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            IntStream.range(0, ALL)
                    .forEach(i -> executor.execute(() -> server.post(
                            templates,
                            "{metadata: {name: template-%04d}, template: {spec: {containers: [{name: test, image: t}]}}}"
                                    .formatted(i))));
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private JsonNode page(int limit, String token) {
        return server.get(templates + "?limit=" + limit + (token.isEmpty() ? "" : "&continue=" + token));
    }

    /// Reads to the end, and checks each page on the way; answers the resource versions of the pages.
    private List<String> readAll(int limit, String token, int before) {
        var versions = new ArrayList<String>();
        int found = before;
        String next = token;
        do {
            JsonNode page = page(limit, next);
            versions.add(page.at("/metadata/resourceVersion").asText());
            next = page.at("/metadata/continue").asText();
            assertThat(page.path("items").size()).isLessThanOrEqualTo(limit);
            for (JsonNode item : page.path("items")) {
                assertThat(item.at("/metadata/name").asText()).isEqualTo("template-%04d".formatted(found++));
            }
            assertThat(page.at("/metadata/remainingItemCount").asInt(0)).isEqualTo(ALL - found);
            assertThat(page.path("metadata").has("remainingItemCount")).isEqualTo(!next.isEmpty());
        } while (!next.isEmpty());
        assertThat(found).isEqualTo(ALL);
        return versions;
    }

    @Test
    @Conformance(
            value =
                    "[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
    void answersInPagesOfOneVersion() {
        for (int run = 0; run < 3; run++) {
            assertThat(readAll(17, "", 0).stream().distinct()).hasSize(1);
        }
        assertThat(page(ALL + 1, "").path("items")).hasSize(ALL);
    }

    @Test
    @Conformance(
            value = "[sig-api-machinery] Servers with support for API chunking should support continue listing from the"
                    + " last key if the original version has been compacted away, though the list is inconsistent [Slow]"
                    + " [Conformance]",
            weaker = Conformance.NOTHING)
    void goesOnAtAnotherVersionAfterACompaction() {
        int limit = ALL / 10;
        JsonNode first = page(limit, "");
        assertThat(first.at("/metadata/remainingItemCount").asInt()).isEqualTo(ALL - limit);
        String expiring = first.at("/metadata/continue").asText();
        var second =
                server.request("GET", templates + "?limit=" + limit + "&continue=" + expiring, TestServer.JSON, "");
        assertThat(server.json(200, second).path("items")).hasSize(limit);

        // as a server that runs has it, but for the interval
        var timer = Executors.newSingleThreadScheduledExecutor();
        try (var _ = EtcdCompactor.start(server.storage(), timer, Duration.ofMillis(50))) {
            TestServer.await("the token to expire", () -> server.send(second).statusCode() == 410);
        } finally {
            timer.shutdownNow();
        }
        JsonNode status = server.refused(410, second);
        assertThat(status.path("reason").asText()).isEqualTo("Expired");
        String token = status.at("/metadata/continue").asText();
        assertThat(token).isNotEmpty();
        List<String> versions = readAll(limit, token, limit);
        assertThat(versions.stream().distinct())
                .hasSize(1)
                .doesNotContain(first.at("/metadata/resourceVersion").asText());
    }
}
