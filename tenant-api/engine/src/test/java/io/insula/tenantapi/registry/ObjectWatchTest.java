package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.StorageEvent;
import io.insula.tenantapi.storage.StorageException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A bookmark says that everything up to its revision has been delivered: a client that goes on from there misses
/// nothing, and one that waits for it gets it.
@Timeout(300)
final class ObjectWatchTest {

    private final StoredWorld world = new StoredWorld();
    private final Recorder sink = new Recorder();
    private final Store store = new Store();

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void bookmarksWhatHasBeenDeliveredWhereTheStoreDoesNotSayMore() {
        ObjectWatch watch = started("");
        watch.bookmark();
        watch.onEvents(List.of(put("a", 5), put("b", 7)));
        watch.bookmark();

        assertThat(sink.events).containsExactly("BOOKMARK 3", "ADDED a 5", "ADDED b 7", "BOOKMARK 7");
    }

    @Test
    void bookmarksBehindTheEventsThatAreOnTheirWay() {
        store.answersProgress = true;
        ObjectWatch watch = started("");
        watch.bookmark();
        assertThat(store.asked).isEqualTo(1);
        assertThat(sink.events).as("before the store has said how far it is").isEmpty();

        watch.onEvents(List.of(put("a", 8)));
        assertThat(sink.events).containsExactly("ADDED a 8");
        watch.onProgress(9);
        assertThat(sink.events).containsExactly("ADDED a 8", "BOOKMARK 9");
    }

    @Test
    void sendsOneBookmarkForEachThatIsDue() {
        store.answersProgress = true;
        ObjectWatch watch = started("");
        watch.onProgress(6);
        assertThat(sink.events).as("nobody has asked").isEmpty();
        watch.bookmark();
        watch.onProgress(7);
        watch.onProgress(8);
        watch.bookmark();
        watch.onProgress(9);

        assertThat(sink.events).containsExactly("BOOKMARK 7", "BOOKMARK 9");
    }

    @Test
    void neverBookmarksLessThanBefore() {
        ObjectWatch watch = started("");
        watch.onProgress(20);
        watch.onEvents(List.of(put("late", 12)));
        watch.bookmark();
        store.answersProgress = true;
        watch.bookmark();
        watch.onProgress(15);

        assertThat(sink.events).containsExactly("ADDED late 12", "BOOKMARK 20", "BOOKMARK 20");
    }

    @Test
    void countsWhatTheSelectionLeavesOutAsDelivered() {
        ObjectWatch watch = started("on=yes");
        watch.onEvents(List.of(put("a", 5, "no", null), put("b", 6, "yes", null), put("c", 9, "no", null)));
        watch.bookmark();

        assertThat(sink.events).containsExactly("ADDED b 6", "BOOKMARK 9");
    }

    /// What could not be delivered is behind no bookmark.
    @Test
    void endsAtAnEventThatCannotBeReadAndBookmarksNothingAfterIt() {
        ObjectWatch watch = started("");
        var broken = new StorageEvent(StoredWorld.key("a"), "{".getBytes(StandardCharsets.UTF_8), null, 6);
        watch.onEvents(List.of(put("a", 5), broken, put("b", 7)));
        watch.bookmark();
        watch.onProgress(8);

        assertThat(sink.events).containsExactly("ADDED a 5", "ERROR 500", "END");
        assertThat(store.closed).isTrue();
    }

    @Test
    void endsAtAnEventThatTheClientDoesNotTakeAndSendsNothingAfterIt() {
        sink.takes = event -> !event.startsWith("ADDED b");
        ObjectWatch watch = started("");
        watch.onEvents(List.of(put("a", 5), put("b", 6), put("c", 7)));
        watch.bookmark();
        watch.bookmarkInitialEnd();
        watch.close();

        assertThat(sink.events).containsExactly("ADDED a 5", "ADDED b 6", "END");
        assertThat(store.closed).isTrue();
    }

    /// A timer's thread asks while the store's delivers.
    @Test
    void waitsForADeliveryThatIsUnderWay() throws InterruptedException {
        ObjectWatch watch = started("");
        var timer = Thread.ofPlatform().name("bookmark").unstarted(watch::bookmark);
        sink.takes = event -> {
            if (event.startsWith("ADDED a")) {
                timer.start();
                while (timer.getState() != Thread.State.WAITING && timer.isAlive()) {
                    LockSupport.parkNanos(100_000);
                }
            }
            return true;
        };
        watch.onEvents(List.of(put("a", 5), put("b", 6)));
        timer.join();

        assertThat(sink.events).containsExactly("ADDED a 5", "ADDED b 6", "BOOKMARK 6");
    }

    @Test
    void marksTheEndOfTheInitialStateAtItsRevision() {
        ObjectWatch watch = watch("");
        watch.initial(world.objects.decode(world.kind, StoredWorld.stored("a", "yes"), 2));
        watch.bookmarkInitialEnd();
        watch.start(store.storage());

        assertThat(sink.events).containsExactly("ADDED a 2", "BOOKMARK 3");
        assertThat(Meta.annotations(sink.last())).containsEntry("k8s.io/initial-events-end", "true");
        assertThat(sink.last().path("kind").asText()).isEqualTo("ConfigMap");
        watch.bookmark();
        assertThat(Meta.annotations(sink.last())).as("of a later one").isEmpty();
        assertThat(store.watchedAfter).isEqualTo(3);
    }

    @Test
    void showsWhatEntersAndLeavesTheSelection() {
        ObjectWatch watch = started("on=yes");
        watch.onEvents(List.of(
                put("a", 5, "yes", "no"),
                put("a", 6, "yes", "yes"),
                put("a", 7, "no", "yes"),
                put("a", 8, "no", "no"),
                gone("a", 9, "no"),
                put("b", 10, "yes", null),
                gone("b", 11, "yes")));

        assertThat(sink.events)
                .containsExactly("ADDED a 5", "MODIFIED a 6", "DELETED a 7", "ADDED b 10", "DELETED b 11");
        assertThat(Meta.labels(sink.seen.get(2))).as("as it was selected").containsEntry("on", "yes");
    }

    @Test
    void asksForAFreshListWhereTheLastStateIsNotKnown() {
        ObjectWatch watch = started("");
        watch.onEvents(List.of(new StorageEvent(StoredWorld.key("a"), null, null, 6), put("b", 7)));

        assertThat(sink.events).containsExactly("ERROR 410", "END");
    }

    @Test
    void tellsWhyItEnds() {
        started("").onError(new StorageException.Compacted(3, 10));
        assertThat(sink.events).containsExactly("ERROR 410", "END");
        sink.events.clear();
        started("").onError(new StorageException.Unavailable("gone", new IllegalStateException("gone")));
        assertThat(sink.events).as("the client comes again").containsExactly("END");
    }

    @Test
    void endsOnceAndLeavesNoWatchBehind() {
        ObjectWatch watch = watch("");
        watch.close();
        watch.start(store.storage());
        watch.close();

        assertThat(sink.events).containsExactly("END");
        assertThat(store.closed).as("begun after its end").isTrue();
    }

    private ObjectWatch started(String labels) {
        ObjectWatch watch = watch(labels);
        watch.start(store.storage());
        return watch;
    }

    private ObjectWatch watch(String labels) {
        return new ObjectWatch(
                world.kind,
                "/registry/configmaps/default/",
                Selection.of(world.kind, labels, "", ""),
                world.objects,
                sink,
                3);
    }

    private static StorageEvent put(String name, long revision) {
        return put(name, revision, "yes", null);
    }

    private static StorageEvent put(String name, long revision, String on, @Nullable String before) {
        return new StorageEvent(
                StoredWorld.key(name),
                StoredWorld.stored(name, on),
                before == null ? null : StoredWorld.stored(name, before),
                revision);
    }

    private static StorageEvent gone(String name, long revision, String before) {
        return new StorageEvent(StoredWorld.key(name), null, StoredWorld.stored(name, before), revision);
    }

    private static final class Recorder implements WatchSink {
        private final List<String> events = new ArrayList<>();
        private final List<ObjectNode> seen = new ArrayList<>();
        private Predicate<String> takes = _ -> true;

        @Override
        public boolean onEvent(String type, ObjectNode object) {
            String said = switch (type) {
                case "ERROR" -> type + " " + object.path("code").asInt();
                case "BOOKMARK" -> type + " " + Meta.resourceVersion(object);
                default -> type + " " + Meta.name(object) + " " + Meta.resourceVersion(object);
            };
            events.add(said);
            seen.add(object);
            return takes.test(said);
        }

        @Override
        public void onEnd() {
            events.add("END");
        }

        ObjectNode last() {
            return seen.getLast();
        }
    }

    /// A store of which only watches are asked.
    private static final class Store {
        private boolean answersProgress;
        private boolean closed;
        private int asked;
        private long watchedAfter;

        Storage storage() {
            return (Storage) Proxy.newProxyInstance(
                    Storage.class.getClassLoader(), new Class<?>[] {Storage.class}, (_, method, arguments) -> {
                        if (!method.getName().equals("watch")) {
                            throw new UnsupportedOperationException(method.getName());
                        }
                        watchedAfter = (Long) arguments[1];
                        return new Storage.Subscription() {
                            @Override
                            public void close() {
                                closed = true;
                            }

                            @Override
                            public boolean askProgress() {
                                asked++;
                                return answersProgress;
                            }
                        };
                    });
        }
    }
}
