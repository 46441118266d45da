package io.insula.tenantapi.fake;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// A small real store behind [ObjectClient], without admission or validation. Watch events reach their handlers on the
/// writer's thread, or only when [#deliver] is called after [#holdEvents]. Thread-safe: guarded by itself.
public final class FakeObjectClient implements ObjectClient {

    private static final YAMLMapper YAML = new YAMLMapper();

    private final Map<Key, ObjectNode> objects = new TreeMap<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private final List<Runnable> held = new ArrayList<>();
    private final AtomicInteger lists = new AtomicInteger();
    private final AtomicInteger writes = new AtomicInteger();
    private boolean holding;
    private long revision = 1;
    private Consumer<GroupVersionResource> onList = resource -> {};
    private ObjectClient atHand = this;

    private record Key(String resource, String namespace, String name) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            return (resource + "|" + namespace + "|" + name)
                    .compareTo(other.resource + "|" + other.namespace + "|" + other.name);
        }
    }

    private record Watcher(String resource, String namespace, WatchHandler handler) {}

    public static GroupVersionResource core(String resource) {
        return new GroupVersionResource("", "v1", resource);
    }

    public static ObjectNode yaml(String text) {
        try {
            return (ObjectNode) YAML.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is at hand is another's from now on, which does not follow.
    public FakeObjectClient remembering(ObjectClient old) {
        atHand = old;
        return this;
    }

    @Override
    public ObjectClient atHand() {
        return atHand;
    }

    /// Creates each document of `text` as `resource`; the namespace is the document's own.
    public FakeObjectClient with(GroupVersionResource resource, String... documents) {
        for (String document : documents) {
            ObjectNode object = yaml(document);
            create(resource, Meta.namespace(object), object);
        }
        return this;
    }

    public synchronized int watches() {
        return watchers.size();
    }

    public int lists() {
        return lists.get();
    }

    public int writes() {
        return writes.get();
    }

    public synchronized void holdEvents() {
        holding = true;
    }

    /// Hands out what [#holdEvents] kept back.
    public void deliver() {
        List<Runnable> due;
        synchronized (this) {
            holding = false;
            due = List.copyOf(held);
            held.clear();
        }
        due.forEach(Runnable::run);
    }

    public void onList(Consumer<GroupVersionResource> action) {
        onList = action;
    }

    public void endWatches() {
        List<Watcher> ended;
        synchronized (this) {
            ended = List.copyOf(watchers);
            watchers.clear();
        }
        ended.forEach(watcher -> watcher.handler().onEnd());
    }

    @Override
    public ObjectClient as(String controllerName) {
        return this;
    }

    @Override
    public synchronized Optional<ObjectNode> get(GroupVersionResource resource, String namespace, String name) {
        return Optional.ofNullable(objects.get(new Key(resource.qualified(), namespace, name)))
                .map(ObjectNode::deepCopy);
    }

    @Override
    public synchronized ObjectList list(GroupVersionResource resource, String namespace, Query query) {
        lists.incrementAndGet();
        onList.accept(resource);
        List<ObjectNode> items = objects.entrySet().stream()
                .filter(entry -> entry.getKey().resource().equals(resource.qualified()))
                .filter(entry ->
                        namespace.isEmpty() || entry.getKey().namespace().equals(namespace))
                .map(entry -> entry.getValue().deepCopy())
                .toList();
        return new ObjectList(Long.toString(revision), items);
    }

    @Override
    public ObjectNode create(GroupVersionResource resource, String namespace, ObjectNode object) {
        ObjectNode stored = object.deepCopy();
        synchronized (this) {
            var key = new Key(resource.qualified(), namespace, Meta.name(stored));
            if (objects.containsKey(key)) {
                throw ApiException.alreadyExists(resource, key.name());
            }
            ObjectNode meta = Meta.of(stored);
            if (!namespace.isEmpty()) {
                meta.put("namespace", namespace);
            }
            if (!meta.has("uid")) {
                meta.put("uid", "uid-" + (revision + 1));
            }
            store(key, stored);
        }
        publish(resource, "ADDED", stored);
        return stored.deepCopy();
    }

    @Override
    public ObjectNode update(GroupVersionResource resource, String namespace, String subresource, ObjectNode object) {
        ObjectNode stored = object.deepCopy();
        synchronized (this) {
            var key = new Key(resource.qualified(), namespace, Meta.name(stored));
            ObjectNode current = objects.get(key);
            if (current == null) {
                throw ApiException.notFound(resource, key.name());
            }
            String wanted = Meta.resourceVersion(stored);
            if (!wanted.isEmpty() && !wanted.equals(Meta.resourceVersion(current))) {
                throw ApiException.modified(resource, key.name());
            }
            store(key, stored);
        }
        publish(resource, "MODIFIED", stored);
        return stored.deepCopy();
    }

    @Override
    public ObjectNode mergePatch(
            GroupVersionResource resource, String namespace, String name, String subresource, JsonNode patch) {
        ObjectNode object = get(resource, namespace, name).orElseThrow(() -> ApiException.notFound(resource, name));
        merge(object, patch);
        return update(resource, namespace, subresource, object);
    }

    @Override
    public ObjectNode createSubresource(
            GroupVersionResource resource, String namespace, String name, String subresource, ObjectNode body) {
        throw new UnsupportedOperationException(subresource);
    }

    @Override
    public ObjectNode delete(GroupVersionResource resource, String namespace, String name, ObjectNode options) {
        ObjectNode gone;
        synchronized (this) {
            gone = objects.remove(new Key(resource.qualified(), namespace, name));
            if (gone == null) {
                throw ApiException.notFound(resource, name);
            }
            revision++;
            writes.incrementAndGet();
            Meta.of(gone).put("resourceVersion", Long.toString(revision));
        }
        publish(resource, "DELETED", gone);
        return gone;
    }

    @Override
    public synchronized AutoCloseable watch(
            GroupVersionResource resource,
            String namespace,
            String resourceVersion,
            Query query,
            WatchHandler handler) {
        var watcher = new Watcher(resource.qualified(), namespace, handler);
        watchers.add(watcher);
        return () -> {
            synchronized (this) {
                watchers.remove(watcher);
            }
        };
    }

    @Override
    public List<ResourceInfo> resources() {
        return List.of();
    }

    private void store(Key key, ObjectNode stored) {
        revision++;
        writes.incrementAndGet();
        Meta.of(stored).put("resourceVersion", Long.toString(revision));
        objects.put(key, stored.deepCopy());
    }

    private void publish(GroupVersionResource resource, String type, ObjectNode object) {
        List<Watcher> due;
        synchronized (this) {
            due = watchers.stream()
                    .filter(watcher -> watcher.resource().equals(resource.qualified()))
                    .filter(watcher ->
                            watcher.namespace().isEmpty() || watcher.namespace().equals(Meta.namespace(object)))
                    .toList();
            if (holding) {
                due.forEach(watcher -> held.add(() -> watcher.handler().onEvent(type, object.deepCopy())));
                return;
            }
        }
        due.forEach(watcher -> watcher.handler().onEvent(type, object.deepCopy()));
    }

    private static void merge(ObjectNode target, JsonNode patch) {
        patch.properties().forEach(entry -> {
            if (entry.getValue().isNull()) {
                target.remove(entry.getKey());
            } else if (entry.getValue().isObject()) {
                ObjectNode child = target.path(entry.getKey()) instanceof ObjectNode object ? object : Json.object();
                merge(child, entry.getValue());
                target.set(entry.getKey(), child);
            } else {
                target.set(entry.getKey(), entry.getValue().deepCopy());
            }
        });
    }
}
