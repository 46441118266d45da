package io.insula.tenantapi.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What every [Storage] must do. A test class implements it with a store that is empty and its own.
public interface StorageContract {

    /// An empty store, the same one for all calls within one test; the implementor closes it after the test.
    Storage storage();

    /// Makes revisions before `revision` unreadable.
    void compact(long revision);

    @Test
    default void createsAndReads() {
        long revision = storage().create("/a/1", bytes("x"), Duration.ZERO);

        StoredValue value = storage().get("/a/1").orElseThrow();
        assertThat(text(value)).isEqualTo("/a/1=x@" + revision);
        assertThat(storage().get("/a/2")).isEmpty();
        assertThat(storage().currentRevision()).isEqualTo(revision);
    }

    @Test
    default void refusesToCreateTwice() {
        storage().create("/a/1", bytes("x"), Duration.ZERO);

        assertThatThrownBy(() -> storage().create("/a/1", bytes("y"), Duration.ZERO))
                .isInstanceOf(StorageException.KeyExists.class);
        assertThat(texts(storage().list("/a/", "", 0, 0))).hasSize(1).allMatch(t -> t.startsWith("/a/1=x"));
    }

    @Test
    default void eachWriteTakesTheNextRevision() {
        long start = storage().currentRevision();

        long created = storage().create("/a/1", bytes("x"), Duration.ZERO);
        long updated = storage().update("/a/1", bytes("y"), created);
        long deleted = storage().delete("/a/1", updated);

        assertThat(List.of(created, updated, deleted)).containsExactly(start + 1, start + 2, start + 3);
        assertThat(storage().get("/a/1")).isEmpty();
    }

    @Test
    default void refusesWritesOfAnotherRevision() {
        long created = storage().create("/a/1", bytes("x"), Duration.ZERO);
        long updated = storage().update("/a/1", bytes("y"), created);

        assertThatThrownBy(() -> storage().update("/a/1", bytes("z"), created))
                .isInstanceOf(StorageException.Conflict.class);
        assertThatThrownBy(() -> storage().delete("/a/1", created)).isInstanceOf(StorageException.Conflict.class);
        assertThatThrownBy(() -> storage().update("/none", bytes("z"), created))
                .isInstanceOf(StorageException.Conflict.class);
        assertThatThrownBy(() -> storage().delete("/none", created)).isInstanceOf(StorageException.Conflict.class);
        assertThat(storage().currentRevision()).isEqualTo(updated);
    }

    @Test
    default void oneOfManyRacingUpdatesWins() throws InterruptedException {
        long created = storage().create("/a/1", bytes("x"), Duration.ZERO);
        var outcomes = new ConcurrentLinkedQueue<String>();

        var threads = IntStream.range(0, 8)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    try {
                        storage().update("/a/1", bytes("y" + i), created);
                        outcomes.add("won");
                    } catch (StorageException.Conflict e) {
                        outcomes.add("lost");
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        }

        assertThat(outcomes).hasSize(8).containsOnlyOnce("won");
    }

    @Test
    default void refusesValuesThatAreTooLarge() {
        assertThatThrownBy(() -> storage().create("/a/1", new byte[3_000_000], Duration.ZERO))
                .isInstanceOf(StorageException.TooLarge.class);
        long created = storage().create("/a/1", new byte[1_000_000], Duration.ZERO);
        assertThatThrownBy(() -> storage().update("/a/1", new byte[3_000_000], created))
                .isInstanceOf(StorageException.TooLarge.class);
    }

    @Test
    default void listsByPrefixInOrderOfKeys() {
        for (String key : List.of("/a/c", "/a/a", "/b/a", "/a0", "/a/b/x", "/a/b")) {
            storage().create(key, bytes(key), Duration.ZERO);
        }

        StoragePage page = storage().list("/a/", "", 0, 0);

        assertThat(page.values()).extracting(StoredValue::key).containsExactly("/a/a", "/a/b", "/a/b/x", "/a/c");
        assertThat(page.total()).isEqualTo(4);
        assertThat(page.more()).isFalse();
        assertThat(page.revision()).isEqualTo(storage().currentRevision());
        assertThat(storage().list("/none/", "", 0, 0).values()).isEmpty();
    }

    @Test
    default void pagesWithTotal() {
        for (int i = 0; i < 5; i++) {
            storage().create("/a/" + i, bytes("x"), Duration.ZERO);
        }

        StoragePage first = storage().list("/a/", "", 0, 2);
        storage().create("/a/5", bytes("later"), Duration.ZERO);
        StoragePage second = storage().list("/a/", first.values().getLast().key() + "\0", first.revision(), 2);
        StoragePage third = storage().list("/a/", second.values().getLast().key() + "\0", first.revision(), 2);

        assertThat(first.total()).isEqualTo(5);
        assertThat(first.more()).isTrue();
        assertThat(second.values()).extracting(StoredValue::key).containsExactly("/a/2", "/a/3");
        assertThat(second.total()).isEqualTo(3);
        assertThat(second.revision()).isEqualTo(first.revision());
        assertThat(third.values()).extracting(StoredValue::key).containsExactly("/a/4");
        assertThat(third.more()).isFalse();
    }

    @Test
    default void readsThePastExactly() {
        long created = storage().create("/a/1", bytes("x"), Duration.ZERO);
        long updated = storage().update("/a/1", bytes("y"), created);
        storage().create("/a/2", bytes("z"), Duration.ZERO);
        storage().delete("/a/1", updated);

        assertThat(texts(storage().list("/a/", "", created, 0))).containsExactly("/a/1=x@" + created);
        assertThat(texts(storage().list("/a/", "", updated, 0))).containsExactly("/a/1=y@" + updated);
        assertThat(storage().list("/a/", "", updated, 0).revision()).isEqualTo(updated);
    }

    @Test
    default void refusesToReadTheFuture() {
        long current = storage().create("/a/1", bytes("x"), Duration.ZERO);

        assertThatThrownBy(() -> storage().list("/a/", "", current + 10, 0))
                .isInstanceOfSatisfying(
                        StorageException.FutureRevision.class,
                        e -> assertThat(e.current()).isEqualTo(current));
    }

    @Test
    default void refusesToReadWhatIsCompacted() {
        long created = storage().create("/a/1", bytes("x"), Duration.ZERO);
        long updated = storage().update("/a/1", bytes("y"), created);
        compact(updated);

        assertThatThrownBy(() -> storage().list("/a/", "", created, 0)).isInstanceOf(StorageException.Compacted.class);
        assertThat(texts(storage().list("/a/", "", updated, 0))).containsExactly("/a/1=y@" + updated);
    }

    @Test
    default void watchesFromAPastRevisionOn() {
        long first = storage().create("/a/1", bytes("x"), Duration.ZERO);
        long second = storage().update("/a/1", bytes("y"), first);
        storage().create("/b/1", bytes("other"), Duration.ZERO);
        var listener = new RecordingListener();

        try (var _ = storage().watch("/a/", first, listener)) {
            long third = storage().create("/a/2", bytes("z"), Duration.ZERO);
            long fourth = storage().delete("/a/1", second);

            var events = listener.await(3);
            assertThat(listener.texts()).containsExactly("/a/1=y@" + second, "/a/2=z@" + third, "-/a/1@" + fourth);
            assertThat(events.get(0).previous()).isEqualTo(bytes("x"));
            assertThat(events.get(1).previous()).isNull();
            assertThat(events.get(2).previous()).isEqualTo(bytes("y"));
        }
    }

    @Test
    default void watchEndsWhereItsStartIsCompacted() {
        long first = storage().create("/a/1", bytes("x"), Duration.ZERO);
        long second = storage().update("/a/1", bytes("y"), first);
        long third = storage().update("/a/1", bytes("z"), second);
        compact(third);
        var listener = new RecordingListener();

        try (var _ = storage().watch("/a/", first, listener)) {
            assertThat(listener.awaitError()).isInstanceOf(StorageException.Compacted.class);
        }
        assertThat(listener.texts()).isEmpty();
    }

    @Test
    default void watchKeepsTheOrderOfManyWrites() {
        var listener = new RecordingListener();
        long start = storage().currentRevision();
        try (var _ = storage().watch("/a/", start, listener)) {
            var want = new ArrayList<Long>();
            for (int i = 0; i < 200; i++) {
                want.add(storage().create("/a/" + i, new byte[2000], Duration.ZERO));
            }

            assertThat(listener.await(200))
                    .extracting(StorageEvent::modRevision)
                    .containsExactlyElementsOf(want);
        }
    }

    @Test
    default void closedWatchSaysNoMore() {
        var closed = new RecordingListener();
        var open = new RecordingListener();
        long start = storage().currentRevision();
        var subscription = storage().watch("/a/", start, closed);
        try (var _ = storage().watch("/a/", start, open)) {
            long first = storage().create("/a/1", bytes("x"), Duration.ZERO);
            closed.await(1);
            subscription.close();
            subscription.close();
            storage().update("/a/1", bytes("y"), first);

            open.await(2);
            assertThat(closed.texts()).hasSize(1);
        }
    }

    @Test
    default void keysVanishAfterTheirTimeToLive() {
        var listener = new RecordingListener();
        long start = storage().currentRevision();
        try (var _ = storage().watch("/a/", start, listener)) {
            long created = storage().create("/a/1", bytes("x"), Duration.ofSeconds(1));
            storage().update("/a/1", bytes("y"), created);

            StorageEvent last = listener.await(3).getLast();
            assertThat(last.value()).isNull();
            assertThat(last.previous()).isEqualTo(bytes("y"));
            assertThat(storage().get("/a/1")).isEmpty();
        }
    }

    @Test
    default void closedStoreIsUnavailableAndEndsItsWatches() {
        var listener = new RecordingListener();
        storage().watch("/a/", storage().currentRevision(), listener);

        storage().close();

        assertThat(listener.awaitError()).isInstanceOf(StorageException.Unavailable.class);
        assertThatThrownBy(() -> storage().get("/a/1")).isInstanceOf(StorageException.Unavailable.class);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(StoredValue value) {
        return value.key() + "=" + new String(value.value(), StandardCharsets.UTF_8) + "@" + value.modRevision();
    }

    private static List<String> texts(StoragePage page) {
        return page.values().stream().map(StorageContract::text).toList();
    }
}
