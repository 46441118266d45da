package io.insula.tenantapi.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Watches over HTTP, as upstream's conformance tests use them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class WatchConformanceTest {

    private static final int WATCHES = 100;
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
    @Conformance(
            value =
                    "[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps"
                            + " [Conformance]",
            weaker = Conformance.NOTHING)
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
            value =
                    "[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]",
            weaker = Conformance.NOTHING)
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
            value =
                    "[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed"
                            + " by the previous watch [Conformance]",
            weaker = Conformance.NOTHING)
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
            value =
                    "[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the"
                            + " selector [Conformance]",
            weaker = Conformance.NOTHING)
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
    @Conformance(
            value =
                    "[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]",
            weaker = Conformance.NOTHING)
    void tellsAllWatchersTheSameOrder() throws IOException {
        var stop = new AtomicBoolean();
        var watches = new ArrayList<Watched>();
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            String last = version(server.get(maps));
            var writer = executor.submit(() -> writeUntil(stop));
            try {
                for (int round = 0; round < WATCHES; round++) {
                    watches.add(server.watch(maps + "?resourceVersion=" + last));
                    last = version(watches.getFirst().next().path("object"));
                    for (Watched other : watches) {
                        if (other != watches.getFirst()) {
                            assertThat(version(other.next().path("object")))
                                    .as("of %d watches, after round %d", watches.size(), round)
                                    .isEqualTo(last);
                        }
                    }
                }
                assertThat(writer.isDone()).as("it still writes").isFalse();
            } finally {
                stop.set(true);
            }
        } finally {
            for (Watched watch : watches) {
                watch.close();
            }
        }
    }

    /// Makes, changes and deletes a few objects over and over.
    private void writeUntil(AtomicBoolean stop) {
        for (int i = 0; !stop.get(); i++) {
            String name = "w" + i % 3;
            if (i < 3) {
                create(name, "a");
            } else if (i % 7 == 6) {
                server.delete(maps + "/" + name);
                create(name, "a");
            } else {
                mutate(name, i);
            }
        }
    }
}
