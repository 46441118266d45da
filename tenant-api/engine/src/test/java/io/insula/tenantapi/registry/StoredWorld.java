package io.insula.tenantapi.registry;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.fake.FakeObjectClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.wire.WireCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.UnaryOperator;

/// Config maps in a store without a server around it.
final class StoredWorld implements AutoCloseable {

    final InMemoryStorage storage = new InMemoryStorage();
    final StoredKind kind;
    final StoredObjects objects;
    final Engine engine;
    private final ObjectClient client = new FakeObjectClient();
    final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("test-timers").factory());

    StoredWorld() {
        this(storage -> storage);
    }

    /// @param seen what the engine is given in place of the storage
    StoredWorld(UnaryOperator<Storage> seen) {
        var kinds = new KindRegistry(TestKinds.all());
        engine = new Engine(
                seen.apply(storage),
                kinds,
                new Schemas(ApiSchema.load()),
                List.of(),
                new Nobody(),
                new WireCodec(),
                Clock.systemUTC(),
                scheduler,
                Engine.WriteListener.NONE,
                () -> client);
        kind = kind("", "configmaps");
        objects = new StoredObjects(engine);
    }

    StoredKind kind(String group, String resource) {
        return (StoredKind) engine.kinds()
                .find(new GroupVersionResource(group, "v1", resource))
                .orElseThrow();
    }

    /// The bytes of a config map that says `on` in a label and in its data.
    static byte[] stored(String name, String on) {
        var object = Json.object().put("kind", "ConfigMap").put("apiVersion", "v1");
        object.putObject("metadata")
                .put("name", name)
                .put("namespace", "default")
                .putObject("labels")
                .put("on", on);
        object.putObject("data").put("on", on);
        return Json.bytes(object);
    }

    static String key(String name) {
        return "/registry/configmaps/default/" + name;
    }

    long create(String name, String on) {
        return storage.create(key(name), stored(name, on), Duration.ZERO);
    }

    long update(String name, String on) {
        return storage.update(key(name), stored(name, on), revision(name));
    }

    long delete(String name) {
        return storage.delete(key(name), revision(name));
    }

    private long revision(String name) {
        return storage.get(key(name)).orElseThrow().modRevision();
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
        storage.close();
    }

    private record Nobody() implements ServerServices {
        @Override
        public ClusterIps clusterIps() {
            throw new UnsupportedOperationException("no Services here");
        }

        @Override
        public Authorizer authorizer() {
            return _ -> {
                throw new UnsupportedOperationException("nobody asks here");
            };
        }

        @Override
        public ServiceAccountTokens serviceAccountTokens() {
            throw new UnsupportedOperationException("no tokens here");
        }
    }
}
