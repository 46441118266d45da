package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.Storage.Freshness;
import io.insula.tenantapi.storage.cache.CacheConfig;
import io.insula.tenantapi.storage.cache.CachedStorage;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.wire.Decoded;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Two servers of one store, each with a memory of its own, try to lose each other's writes.
class ConcurrentWritesTest {

    private static final String NAME = "settings";
    private static final int WRITERS = 8;
    private static final int WRITES = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final InMemoryStorage shared = new InMemoryStorage();
    private final List<Storage> memories =
            List.of(new CachedStorage(shared, CacheConfig.usual()), new CachedStorage(shared, CacheConfig.usual()));
    private final List<StoredWorld> worlds =
            memories.stream().map(memory -> new StoredWorld(_ -> memory)).toList();
    private final List<ObjectStore> servers =
            worlds.stream().map(world -> new ObjectStore(world.engine)).toList();
    private final Target target = Target.object(worlds.getFirst().kind, "default", NAME);

    @BeforeEach
    void rememberIt() {
        shared.create(StoredWorld.key(NAME), StoredWorld.stored(NAME, "0"), Duration.ZERO);
        String collection = StoredObjects.collection(worlds.getFirst().kind);
        for (Storage memory : memories) {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (memory.state(collection, Freshness.OWN_WRITES).changed() == 0) {
                assertThat(System.nanoTime()).as("kept in memory in time").isLessThan(end);
                LockSupport.parkNanos(1_000_000);
            }
        }
    }

    @AfterEach
    void close() {
        worlds.forEach(StoredWorld::close);
        memories.forEach(Storage::close);
    }

    @Test
    void keepEachOthersPatches() throws Exception {
        together(writer -> {
            for (int i = 0; i < WRITES; i++) {
                merge(writer, "{\"data\":{\"w" + writer + "-" + i + "\":\"x\"}}");
            }
        });

        assertThat(data(0)).hasSize(1 + WRITERS * WRITES);
    }

    /// As clients count: read, add one, put it back as it was read.
    @Test
    void countEveryPut() throws Exception {
        together(writer -> {
            for (int i = 0; i < WRITES / 4; i++) {
                untilNoConflict(() -> {
                    ObjectNode object = server(writer).get(target, caller());
                    int count = object.path("data").path("on").asInt();
                    object.withObjectProperty("data").put("on", Integer.toString(count + 1));
                    return server(writer)
                            .update(target, new Decoded(object, List.of()), WriteOptions.DEFAULT, caller());
                });
            }
        });

        assertThat(data(1).path("on").asInt()).isEqualTo(WRITERS * (WRITES / 4));
    }

    /// Whoever takes it away and puts it back meets who changes it: what is changed is what is there by then.
    @Test
    void findWhatIsThere() throws Exception {
        together(writer -> {
            for (int i = 0; i < WRITES / 4; i++) {
                ObjectNode applied = Json.object().put("apiVersion", "v1").put("kind", "ConfigMap");
                applied.putObject("metadata").put("name", NAME);
                applied.putObject("data").put("w" + writer, Integer.toString(i));
                if (writer % 4 == 0) {
                    ignoringMissing(() -> server(writer).delete(target, DeleteOptions.of(Json.object()), caller()));
                }
                var options = new WriteOptions("w" + writer, false, WriteOptions.FieldValidation.IGNORE, true);
                ObjectNode stored = untilNoConflict(() -> server(writer)
                                .patch(
                                        target,
                                        new PatchRequest(PatchRequest.Type.APPLY, applied.deepCopy(), List.of()),
                                        options,
                                        caller()))
                        .object();
                assertThat(stored.path("data").path("w" + writer).asText()).isEqualTo(Integer.toString(i));
            }
        });

        assertThat(data(0)).isEqualTo(data(1));
    }

    private interface Work {
        void of(int writer);
    }

    private static void together(Work work) throws Exception {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var running = new ArrayList<Future<?>>();
            IntStream.range(0, WRITERS)
                    .<Callable<Void>>mapToObj(writer -> () -> {
                        work.of(writer);
                        return null;
                    })
                    .forEach(task -> running.add(executor.submit(task)));
            for (Future<?> each : running) {
                each.get();
            }
        }
    }

    private ObjectStore server(int writer) {
        return servers.get(writer % servers.size());
    }

    private void merge(int writer, String patch) {
        untilNoConflict(() -> server(writer)
                .patch(
                        target,
                        new PatchRequest(
                                PatchRequest.Type.MERGE, Json.parse(patch.getBytes(StandardCharsets.UTF_8)), List.of()),
                        WriteOptions.DEFAULT,
                        caller()));
    }

    private ObjectNode data(int server) {
        return (ObjectNode) servers.get(server).get(target, caller()).path("data");
    }

    private static Caller caller() {
        return Caller.of(UserInfo.loopback(), "test");
    }

    /// Many writers of one object may meet each other too often, as at upstream; taken apart by a delete, an apply
    /// that would create may be refused, too.
    private static <T> T untilNoConflict(Supplier<T> call) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return call.get();
            } catch (ApiException e) {
                if (!(e.is("Conflict") || e.is("AlreadyExists") || e.is("NotFound")) || System.nanoTime() - end > 0) {
                    throw e;
                }
            }
        }
    }

    private static void ignoringMissing(Runnable call) {
        try {
            call.run();
        } catch (ApiException e) {
            if (!e.is("NotFound")) {
                throw e;
            }
        }
    }
}
