package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.storage.Storage;
import io.insula.tenantapi.storage.Storage.Freshness;
import io.insula.tenantapi.storage.StorageException;
import io.insula.tenantapi.storage.StoredValue;
import io.insula.tenantapi.wire.WireCodec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Objects in the store: keys, bytes and revisions on one side, trees on the other. The layout is upstream's, so that a
/// kube-apiserver pointed at the same etcd finds everything. Source: kubernetes/kubernetes, `storage_factory.go`.
final class StoredObjects {

    static final String ROOT = "/registry/";

    private static final List<String> NOT_STORED = List.of("resourceVersion", "selfLink");

    private final Storage storage;
    private final WireCodec codec;
    private final KindSchema.Lookup schemas;

    StoredObjects(Engine engine) {
        storage = engine.storage();
        codec = engine.codec();
        schemas = engine.schemas();
    }

    /// One object as stored. `object` is the holder's own copy, with its resourceVersion.
    record Stored(String key, ObjectNode object, long revision) {}

    /// @throws ApiException 400 for names that cannot be part of a key
    static String key(Target target) {
        refuseSegment("name", target.name());
        if (target.spec().namespaced() && target.namespace().isEmpty()) {
            throw ApiException.badRequest("Namespace parameter required.");
        }
        return prefix(target.stored(), target.namespace()) + target.name();
    }

    /// The keys of a collection; all namespaces where `namespace` is empty.
    static String prefix(StoredKind kind, String namespace) {
        String all = collection(kind);
        if (namespace.isEmpty() || !kind.spec().namespaced()) {
            return all;
        }
        refuseSegment("namespace", namespace);
        return all + namespace + "/";
    }

    /// What is kept in memory together: all of a kind.
    static String collection(StoredKind kind) {
        return ROOT + kind.spec().storagePath() + "/";
    }

    Optional<Stored> find(Target target) {
        return find(target, Freshness.LATEST);
    }

    Optional<Stored> find(Target target, Freshness freshness) {
        return read(target, freshness).map(value -> decode(target.stored(), value));
    }

    /// The same, as the store has it.
    Optional<StoredValue> read(Target target, Freshness freshness) {
        String key = key(target);
        return guard(() -> storage.get(collection(target.stored()), key, freshness));
    }

    Stored require(Target target) {
        return find(target)
                .orElseThrow(() -> ApiException.notFound(target.spec().gvr(), target.name()));
    }

    /// What a write begins with: the object at hand, which may be old where another server writes to the same store,
    /// else the latest.
    Stored begin(Target target) {
        return find(target, Freshness.AT_HAND).orElseGet(() -> require(target));
    }

    /// Whether it is at hand, or else in the store.
    boolean isThere(Target target) {
        return read(target, Freshness.AT_HAND).isPresent()
                || read(target, Freshness.LATEST).isPresent();
    }

    Stored decode(StoredKind kind, StoredValue value) {
        return new Stored(value.key(), decode(kind, value.value(), value.modRevision()), value.modRevision());
    }

    /// The object in this kind's version, with `revision` as its resourceVersion.
    ObjectNode decode(StoredKind kind, byte[] bytes, long revision) {
        return complete(kind, kind.fromStorage(codec.decodeStored(bytes)), revision);
    }

    /// The objects of a page by their keys, for a kind that converts in batches; empty for others.
    Map<String, ObjectNode> decodeTogether(StoredKind kind, List<StoredValue> values) {
        if (!kind.convertsInBatches()) {
            return Map.of();
        }
        List<ObjectNode> objects = kind.fromStorage(
                values.stream().map(value -> codec.decodeStored(value.value())).toList());
        var all = new HashMap<String, ObjectNode>();
        for (int i = 0; i < values.size(); i++) {
            all.put(
                    values.get(i).key(),
                    complete(kind, objects.get(i), values.get(i).modRevision()));
        }
        return all;
    }

    private ObjectNode complete(StoredKind kind, ObjectNode object, long revision) {
        if (kind.isCustom()) {
            schemas.of(kind).applyDefaults(object);
        }
        Meta.of(object).put("resourceVersion", Long.toString(revision));
        return object;
    }

    /// The object in JSON, as a client gets it.
    byte[] text(StoredKind kind, StoredValue value) {
        byte[] known = new StoredText(kind).object(value);
        return known == null ? Json.bytes(decode(kind, value).object()) : known;
    }

    /// The same as an item of a list.
    byte[] item(StoredKind kind, StoredValue value) {
        ObjectNode object = decode(kind, value).object();
        if (!kind.isCustom()) {
            object.remove(List.of("kind", "apiVersion"));
        }
        return Json.bytes(object);
    }

    byte[] encode(StoredKind kind, ObjectNode object) {
        // the tree is only read, or else converted as a copy
        ObjectNode stored = kind.storesAsServed() ? object : kind.toStorage(object.deepCopy());
        ObjectNode metadata = Json.object();
        stored.path("metadata").properties().forEach(field -> metadata.set(field.getKey(), field.getValue()));
        metadata.remove(NOT_STORED);
        // in the order of StoredText
        ObjectNode ordered = Json.object();
        for (String field : List.of("kind", "apiVersion")) {
            if (stored.has(field)) {
                ordered.set(field, stored.get(field));
            }
        }
        ordered.set("metadata", metadata);
        stored.properties().forEach(field -> ordered.putIfAbsent(field.getKey(), field.getValue()));
        return Json.bytes(ordered);
    }

    /// Stores a new object and sets its resourceVersion.
    ///
    /// @throws StorageException.KeyExists when there is one
    Created create(Target target, ObjectNode object) {
        byte[] bytes = encode(target.stored(), object);
        long revision =
                guard(() -> storage.create(key(target), bytes, target.spec().ttl()));
        Meta.of(object).put("resourceVersion", Long.toString(revision));
        return new Created(object, new StoredText(target.stored()).object(bytes, revision));
    }

    /// Replaces `current` by `wanted` unless nothing changed. Sets the resourceVersion.
    ///
    /// @throws StorageException.Conflict when somebody else was faster
    ObjectNode replace(Target target, Stored current, ObjectNode wanted, boolean dryRun) {
        return dryRun || !changes(target, current, wanted)
                ? at(current.revision(), wanted)
                : update(target, current, wanted);
    }

    /// Replaces `current` by `wanted`. Sets the resourceVersion.
    ///
    /// @throws StorageException.Conflict when somebody else was faster
    ObjectNode update(Target target, Stored current, ObjectNode wanted) {
        byte[] bytes = encode(target.stored(), wanted);
        return at(guard(() -> storage.update(current.key(), bytes, current.revision())), wanted);
    }

    static ObjectNode at(long revision, ObjectNode object) {
        Meta.of(object).put("resourceVersion", Long.toString(revision));
        return object;
    }

    /// Answers the revision of the removal.
    ///
    /// @throws StorageException.Conflict when somebody else was faster
    long remove(Stored current) {
        return guard(() -> storage.delete(current.key(), current.revision()));
    }

    /// Whether the store would have other bytes after the replacement, but for the order of fields.
    boolean changes(Target target, Stored current, ObjectNode wanted) {
        StoredKind kind = target.stored();
        if (kind.storesAsServed()) {
            return !Json.isSame(withoutRevision(current.object()), withoutRevision(wanted));
        }
        // what differs may be what the stored version has no place for
        return !Json.parse(encode(kind, current.object())).equals(Json.parse(encode(kind, wanted)));
    }

    /// Shares all but two levels with the object.
    private static ObjectNode withoutRevision(ObjectNode object) {
        ObjectNode copy = Json.object();
        copy.setAll(object);
        ObjectNode metadata = Json.object();
        object.path("metadata").properties().forEach(field -> metadata.set(field.getKey(), field.getValue()));
        metadata.remove(NOT_STORED);
        copy.set("metadata", metadata);
        return copy;
    }

    static <T> T guard(Supplier<T> call) {
        try {
            return call.get();
        } catch (StorageException.Conflict | StorageException.KeyExists e) {
            throw e;
        } catch (StorageException e) {
            throw StorageErrors.toApi(e);
        }
    }

    private static void refuseSegment(String what, String segment) {
        String problem = segment.isEmpty() ? "Name parameter required." : Names.pathSegment(segment);
        if (!problem.isEmpty()) {
            throw ApiException.badRequest(
                    segment.isEmpty() ? problem : what + " parameter invalid: \"" + segment + "\": " + problem);
        }
    }
}
