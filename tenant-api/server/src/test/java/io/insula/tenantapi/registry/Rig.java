package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.client.LocalClient;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.service.ClusterIps;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.cache.CacheConfig;
import io.insula.tenantapi.storage.cache.CachedStorage;
import io.insula.tenantapi.storage.memory.InMemoryStorage;
import io.insula.tenantapi.wire.Decoded;
import io.insula.tenantapi.wire.WireCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/// A store with everything that belongs to it, for tests.
public final class Rig implements AutoCloseable {

    private static final YAMLMapper YAML = new YAMLMapper();

    /// What others write to directly; `storage` is what the server sees of it.
    public final Storage below = new InMemoryStorage();

    public final Storage storage = new CachedStorage(below, CacheConfig.usual());
    public final KindRegistry kinds;
    public final ObjectStore store;
    public final WireCodec codec = new WireCodec();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("test-timers").factory());
    private @Nullable LocalClient client;

    public Rig(AdmissionPlugin... plugins) {
        kinds = new KindRegistry(TestKinds.all());
        store = new ObjectStore(new Engine(
                storage,
                kinds,
                new Schemas(ApiSchema.load()),
                List.of(plugins),
                new NoServices(),
                codec,
                Clock.systemUTC(),
                scheduler,
                Engine.WriteListener.NONE,
                this::client));
        client = LocalClient.loopback(store, kinds, LocalClient.LocalAudit.NONE);
    }

    public ObjectClient client() {
        if (client == null) {
            throw new IllegalStateException("not made yet");
        }
        return client;
    }

    public static ObjectNode yaml(String text) {
        try {
            return (ObjectNode) YAML.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ResourceKind kind(String group, String resource) {
        return kinds.find(new GroupVersionResource(group, "v1", resource)).orElseThrow();
    }

    public Target at(String group, String resource, String namespace, String name) {
        return Target.object(kind(group, resource), namespace, name);
    }

    public ObjectNode create(String group, String resource, String namespace, String text) {
        return store.create(
                        Target.collection(kind(group, resource), namespace), body(text), WriteOptions.DEFAULT, caller())
                .object();
    }

    public ObjectNode update(Target target, ObjectNode object) {
        return store.update(target, new Decoded(object.deepCopy(), List.of()), WriteOptions.DEFAULT, caller())
                .object();
    }

    public ObjectNode patch(Target target, PatchRequest.Type type, String text) {
        try {
            var request = new PatchRequest(type, YAML.readTree(text), List.of());
            var options = new WriteOptions("tester", false, WriteOptions.FieldValidation.IGNORE, false);
            return store.patch(target, request, options, caller()).object();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public ObjectNode delete(Target target, String options) {
        return store.delete(target, DeleteOptions.of(yaml(options)), caller());
    }

    public static Decoded body(String text) {
        return new Decoded(yaml(text), List.of());
    }

    public static Caller caller() {
        return Caller.of(UserInfo.loopback(), "test/1.0");
    }

    @Override
    public void close() {
        scheduler.shutdownNow();
        storage.close();
    }

    private record NoServices() implements ServerServices {
        @Override
        public ClusterIps clusterIps() {
            throw new UnsupportedOperationException("no Services here");
        }

        @Override
        public Authorizer authorizer() {
            return attributes -> new Authorizer.Decision(true, "");
        }

        @Override
        public ServiceAccountTokens serviceAccountTokens() {
            throw new UnsupportedOperationException("no tokens here");
        }
    }
}
