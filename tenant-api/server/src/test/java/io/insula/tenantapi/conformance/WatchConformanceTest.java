package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Watches over HTTP, as upstream's conformance tests use them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WatchConformanceTest {

    private static final String LABEL = "watch-this-configmap";

    private TestServer server;
    private String maps = "";

    @BeforeAll
    void start() {
        server = new TestServer();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void newNamespace() {
        maps = "/api/v1/namespaces/" + server.namespace() + "/configmaps";
    }

    private JsonNode create(String name, String label) {
        return server.post(maps, "{metadata: {name: %s, labels: {%s: %s}}}".formatted(name, LABEL, label));
    }

    private String mutate(String name, int to) {
        return version(server.patch(maps + "/" + name, "{data: {mutation: '" + to + "'}}"));
    }

    private static String version(JsonNode object) {
        return object.at("/metadata/resourceVersion").asText();
    }

    private Watched watch(String query) {
        return server.watch(maps + "?labelSelector=" + query);
    }

    @Test
    @Conformance("[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps"
            + " [Conformance]")
    void tellsEachWatcherOfWhatItSelects() throws IOException {
        try (Watched a = watch(LABEL + "=a");
                Watched b = watch(LABEL + "=b");
                Watched both = watch(LABEL + "%20in%20(a,b)")) {
            create("one", "a");
            mutate("one", 1);
            mutate("one", 2);
            server.delete(maps + "/one");
            create("two", "b");
            server.delete(maps + "/two");
            for (Watched watch : List.of(a, both)) {
                watch.expect("ADDED", "one");
                assertThat(watch.expect("MODIFIED", "one").at("/data/mutation").asText())
                        .isEqualTo("1");
                assertThat(watch.expect("MODIFIED", "one").at("/data/mutation").asText())
                        .isEqualTo("2");
                watch.expect("DELETED", "one");
            }
            for (Watched watch : List.of(b, both)) {
                watch.expect("ADDED", "two");
                watch.expect("DELETED", "two");
            }
        }
    }

    @Test
    @Conformance(
            "[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]")
    void startsAfterAnyVersion() throws IOException {
        create("one", "a");
        String first = mutate("one", 1);
        mutate("one", 2);
        server.delete(maps + "/one");
        try (Watched watch = watch(LABEL + "=a&resourceVersion=" + first)) {
            assertThat(watch.expect("MODIFIED", "one").at("/data/mutation").asText())
                    .isEqualTo("2");
            assertThat(watch.expect("DELETED", "one").at("/data/mutation").asText())
                    .isEqualTo("2");
        }
    }

    @Test
    @Conformance(
            "[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed"
                    + " by the previous watch [Conformance]")
    void goesOnWhereAnotherWatchEnded() throws IOException {
        String last;
        try (Watched watch = watch(LABEL + "=a")) {
            create("one", "a");
            mutate("one", 1);
            watch.expect("ADDED", "one");
            last = version(watch.expect("MODIFIED", "one"));
        }
        mutate("one", 2);
        try (Watched watch = watch(LABEL + "=a&resourceVersion=" + last)) {
            server.delete(maps + "/one");
            assertThat(watch.expect("MODIFIED", "one").at("/data/mutation").asText())
                    .isEqualTo("2");
            watch.expect("DELETED", "one");
        }
    }

    @Test
    @Conformance(
            "[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the"
                    + " selector [Conformance]")
    void tellsOfObjectsThatLeaveAndEnterTheSelection() throws IOException {
        try (Watched watch = watch(LABEL + "=a")) {
            create("one", "a");
            mutate("one", 1);
            server.patch(maps + "/one", "{metadata: {labels: {" + LABEL + ": other}}}");
            mutate("one", 2);
            server.patch(maps + "/one", "{metadata: {labels: {" + LABEL + ": a}}}");
            mutate("one", 3);
            server.delete(maps + "/one");
            watch.expect("ADDED", "one");
            watch.expect("MODIFIED", "one");
            assertThat(watch.expect("DELETED", "one").at("/data/mutation").asText())
                    .isEqualTo("1");
            assertThat(watch.expect("ADDED", "one").at("/data/mutation").asText())
                    .isEqualTo("2");
            watch.expect("MODIFIED", "one");
            watch.expect("DELETED", "one");
        }
    }

    @Test
    @Conformance("[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]")
    void tellsAllWatchersTheSameOrder() throws IOException {
        String from = version(server.get(maps));
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int writer = 0; writer < 4; writer++) {
                String name = "w" + writer;
                executor.execute(() -> {
                    create(name, "a");
                    for (int i = 0; i < 4; i++) {
                        mutate(name, i);
                    }
                    server.delete(maps + "/" + name);
                });
            }
        }
        List<String> all = versionsAfter(from, 4 * 6);
        for (int start : List.of(0, 7, 20)) {
            assertThat(versionsAfter(all.get(start), all.size() - start - 1))
                    .isEqualTo(all.subList(start + 1, all.size()));
        }
    }

    private List<String> versionsAfter(String from, int count) throws IOException {
        try (Watched watch = server.watch(maps + "?resourceVersion=" + from)) {
            var versions = new ArrayList<String>();
            while (versions.size() < count) {
                versions.add(version(watch.next().path("object")));
            }
            return versions;
        }
    }
}
