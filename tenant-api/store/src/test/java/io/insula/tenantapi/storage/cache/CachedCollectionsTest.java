package io.insula.tenantapi.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.Storage.Freshness;
import io.insula.tenantapi.storage.StorageContract;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoragePage;
import io.insula.tenantapi.storage.StoredValue;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What is read from memory, and that nobody can tell.
class CachedCollectionsTest {

    private static final String PODS = "/registry/pods/";
    private static final CacheConfig.Collections LIMITS = new CacheConfig.Collections(
            Duration.ofMillis(100), Duration.ofMillis(700), 200, 3_000_000, Duration.ofSeconds(20));

    private final Watched below = new Watched();
    private final CachedStorage storage =
            new CachedStorage(below, new CacheConfig(Duration.ofMillis(50), 10, 1_000_000, 300, LIMITS));

    @AfterEach
    void close() {
        storage.close();
    }

    @Test
    void readsTheLatestOfAnyWriterFromMemory() {
        long revision = below.create(PODS + "a/1", bytes("x0"), Duration.ZERO);
        awaitCached();
        int asked = below.reads.get();
        for (int i = 1; i <= 50; i++) {
            revision = below.update(PODS + "a/1", bytes("x" + i), revision);

            StoredValue read = storage.get(PODS, PODS + "a/1", Freshness.LATEST).orElseThrow();
            assertThat(text(read)).isEqualTo("x" + i);
            assertThat(read.modRevision()).isEqualTo(revision);
        }
        below.delete(PODS + "a/1", revision);
        assertThat(storage.get(PODS, PODS + "a/1", Freshness.LATEST)).isEmpty();
        assertThat(below.reads).hasValue(asked);
    }

    @ParameterizedTest
    @EnumSource(
            value = Freshness.class,
            names = {"OWN_WRITES", "AT_HAND"})
    void showsItsOwnWritesWithoutAskingTheStore(Freshness freshness) {
        awaitCached();
        int asked = below.reads.get() + below.revisions.get();
        for (int i = 0; i < 100; i++) {
            String key = PODS + "a/" + i;
            long created = storage.create(key, bytes("x"), Duration.ZERO);
            assertThat(storage.get(PODS, key, freshness)).isPresent();
            long updated = storage.update(key, bytes("y"), created);
            assertThat(storage.get(PODS, key, freshness).map(StoredValue::modRevision))
                    .hasValue(updated);
            storage.delete(key, updated);
            assertThat(storage.list(PODS, PODS + "a/", 0, freshness).values()).isEmpty();
        }
        assertThat(below.reads.get() + below.revisions.get()).isEqualTo(asked);
    }

    @Test
    void aPageShowsOneRevision() throws InterruptedException {
        awaitCached();
        int asked = below.lists.get();
        long seed = Long.getLong("insula.fuzz.seed", System.nanoTime());
        System.out.println("CachedCollectionsTest seed " + seed);
        var failures = new ConcurrentLinkedQueue<String>();
        var writers = IntStream.range(0, 4)
                .mapToObj(i -> Thread.ofVirtual().start(() -> write(new Random(seed + i), i)))
                .toList();
        for (int i = 0; i < 100; i++) {
            StoragePage page = storage.list(PODS, PODS + "a/", 0, Freshness.LATEST);
            List<String> exact = texts(below.list(PODS + "a/", "", page.revision(), 0));
            if (!texts(page).equals(exact)) {
                failures.add("at " + page.revision() + ": " + texts(page) + " (expected: " + exact + ")");
            }
        }
        for (Thread writer : writers) {
            writer.join(Duration.ofSeconds(20));
        }
        assertThat(failures).as("seed " + seed).isEmpty();
        assertThat(below.lists.get() - asked).isLessThan(110);
    }

    private void write(Random random, int writer) {
        for (int i = 0; i < 300; i++) {
            String key = PODS + (random.nextInt(4) == 0 ? "b/" : "a/") + writer + "-" + random.nextInt(5);
            Optional<StoredValue> now = below.get(key);
            if (now.isEmpty()) {
                below.create(key, bytes("n" + i), Duration.ZERO);
            } else if (random.nextBoolean()) {
                below.update(key, bytes("u" + i), now.get().modRevision());
            } else {
                below.delete(key, now.get().modRevision());
            }
        }
    }

    @Test
    void pagesAreThoseOfTheStore() {
        for (String key : List.of("a/1", "a/2", "a/\ud83d\ude00", "a/\uffee", "ab/1", "b/1")) {
            storage.create(PODS + key, bytes(key), Duration.ZERO);
        }
        awaitCached();
        for (String prefix : List.of(PODS, PODS + "a/", PODS + "ab/", PODS + "c/")) {
            for (int limit : List.of(0, 1, 2, 4, 10)) {
                StoragePage page = storage.list(PODS, prefix, limit, Freshness.LATEST);
                StoragePage exact = below.list(prefix, "", 0, limit);
                assertThat(texts(page)).isEqualTo(texts(exact));
                assertThat(page.total()).isEqualTo(exact.total());
                assertThat(page.revision()).isEqualTo(exact.revision());
            }
        }
    }

    @Test
    void keepsValuesWholeWhenPacked() {
        var values = new ArrayList<String>();
        for (int i = 0; i < 20; i++) {
            values.add(Integer.toString(i).repeat(50 * i + 1));
            storage.create(PODS + "a/" + (char) ('a' + i), bytes(values.get(i)), Duration.ZERO);
        }
        awaitCached();
        long end = System.nanoTime() + Duration.ofMillis(500).toNanos();
        for (int i = 0; System.nanoTime() < end; i++) {
            int one = i % 20;
            // some are read all the time, some only as part of a list
            if (one % 3 == 0) {
                var read = storage.get(PODS, PODS + "a/" + (char) ('a' + one), Freshness.OWN_WRITES);
                assertThat(read.map(CachedCollectionsTest::text)).hasValue(values.get(one));
            }
            assertThat(storage.list(PODS, PODS, 0, Freshness.OWN_WRITES).values().stream()
                            .map(CachedCollectionsTest::text))
                    .isEqualTo(values);
        }
        assertThat(storage.cachedCollections()).isEqualTo(1);
    }

    @Test
    void letsGoOfEverythingThatNobodyReads() {
        awaitCached();
        assertThat(storage.isFollowing()).isTrue();

        await(() -> storage.cachedCollections() == 0 && !storage.isFollowing());
        below.create(PODS + "a/1", bytes("x"), Duration.ZERO);
        assertThat(storage.get(PODS, PODS + "a/1", Freshness.LATEST)).isPresent();
        awaitCached();
    }

    @Test
    void leavesLargeCollectionsInTheStore() {
        for (int i = 0; i < 250; i++) {
            storage.create(PODS + "a/" + i, bytes("x".repeat(1000)), Duration.ZERO);
        }
        for (int i = 0; i < 30; i++) {
            assertThat(storage.list(PODS, PODS, 0, Freshness.LATEST).values()).hasSize(250);
        }
        assertThat(storage.cachedCollections()).isZero();
    }

    @Test
    void asksTheStoreAgainWhenItsWatchBreaks() {
        long revision = storage.create(PODS + "a/1", bytes("x"), Duration.ZERO);
        for (int i = 0; i < 3; i++) {
            awaitCached();
            below.breakWatches();
            revision = storage.update(PODS + "a/1", bytes("y" + i), revision);
            for (Freshness freshness : Freshness.values()) {
                assertThat(storage.get(PODS, PODS + "a/1", freshness).map(CachedCollectionsTest::text))
                        .hasValue("y" + i);
                assertThat(storage.list(PODS, PODS, 0, freshness).values()).hasSize(1);
            }
            await(() -> storage.cachedCollections() == 0);
        }
    }

    @Test
    void aRevisionIsReadOnceForAllWhoWait() throws InterruptedException {
        var highest = new AtomicLong();
        var stale = new AtomicInteger();
        var threads = IntStream.range(0, 32)
                .mapToObj(i -> Thread.ofVirtual().start(() -> {
                    for (int j = 0; j < 50; j++) {
                        long before = highest.get();
                        if (storage.currentRevision() < before) {
                            stale.incrementAndGet();
                        }
                        long written = below.create("/w/" + i + "-" + j, bytes("x"), Duration.ZERO);
                        highest.accumulateAndGet(written, Math::max);
                    }
                }))
                .toList();
        for (Thread thread : threads) {
            assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
        }
        assertThat(stale).hasValue(0);
        assertThat(below.revisions).hasValueLessThanOrEqualTo(1600);
    }

    private void awaitCached() {
        await(() -> {
            storage.list(PODS, PODS, 0, Freshness.OWN_WRITES);
            return storage.cachedCollections() == 1;
        });
    }

    private static void await(BooleanSupplier ready) {
        long end = System.nanoTime() + Duration.ofMinutes(3).toNanos();
        while (!ready.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static byte[] bytes(String text) {
        return StorageContract.bytes(text);
    }

    private static String text(StoredValue value) {
        return new String(value.value(), StandardCharsets.UTF_8);
    }

    private static List<String> texts(StoragePage page) {
        return page.values().stream()
                .map(value -> value.key() + "=" + text(value) + "@" + value.modRevision())
                .toList();
    }

    /// A store that counts what it is asked, and whose watches can be broken.
    private static final class Watched implements Storage {

        private final InMemoryStorage memory = new InMemoryStorage();
        private final AtomicInteger reads = new AtomicInteger();
        private final AtomicInteger lists = new AtomicInteger();
        private final AtomicInteger revisions = new AtomicInteger();
        private final ConcurrentLinkedQueue<Listener> listeners = new ConcurrentLinkedQueue<>();

        void breakWatches() {
            for (Listener listener = listeners.poll(); listener != null; listener = listeners.poll()) {
                listener.onError(new StorageException.Compacted(1, 2));
            }
        }

        @Override
        public long create(String key, byte[] value, Duration ttl) {
            return memory.create(key, value, ttl);
        }

        @Override
        public Optional<StoredValue> get(String key) {
            reads.incrementAndGet();
            return memory.get(key);
        }

        @Override
        public StoragePage list(String prefix, String startKey, long revision, int limit) {
            reads.incrementAndGet();
            lists.incrementAndGet();
            return memory.list(prefix, startKey, revision, limit);
        }

        @Override
        public long update(String key, byte[] value, long expectedRevision) {
            return memory.update(key, value, expectedRevision);
        }

        @Override
        public long delete(String key, long expectedRevision) {
            return memory.delete(key, expectedRevision);
        }

        @Override
        public long currentRevision() {
            revisions.incrementAndGet();
            return memory.currentRevision();
        }

        @Override
        public Subscription watch(String prefix, long afterRevision, Listener listener) {
            listeners.add(listener);
            return memory.watch(prefix, afterRevision, listener);
        }

        @Override
        public void close() {
            memory.close();
        }
    }
}
