package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A kind whose objects are stored.
///
/// The engine runs every write in this order: decode and check against the schema → schema defaults → [#applyDefaults]
/// → mutating admission → [#prepareForCreate] or [#prepareForUpdate] → metadata validation → [#validateCreate] or
/// [#validateUpdate] → validating admission → store. Source: kubernetes/apiserver, `rest.BeforeCreate`.
public non-sealed interface StoredKind extends ReadableKind {

    /// Fills what the schema's `default`s cannot say. Runs on every write and on every object read from storage that an
    /// older release wrote; must be idempotent. May mutate.
    default void applyDefaults(ObjectNode object) {}

    /// Sets what only the server may set and clears what clients may not. `status` is already cleared where
    /// [KindSpec#hasStatus]. May mutate.
    default void prepareForCreate(ObjectNode object, WriteContext context) {}

    /// The same for updates of the main resource; `status` already is the stored one. For a subresource update
    /// (`status` …) it runs with [WriteContext#subresource] set. May mutate `wanted` only.
    default void prepareForUpdate(ObjectNode wanted, JsonNode current, WriteContext context) {}

    /// All findings, empty when valid. Must not mutate.
    default List<FieldError> validateCreate(JsonNode object, WriteContext context) {
        return List.of();
    }

    /// All findings for a change, empty when valid. Must not mutate.
    default List<FieldError> validateUpdate(JsonNode wanted, JsonNode current, WriteContext context) {
        return List.of();
    }

    /// What is valid and hardly meant so: sent as `Warning` headers. Runs once all is valid, for the main
    /// resource only. Must not mutate.
    ///
    /// @param old null for a new object
    default List<String> warnings(JsonNode object, @Nullable JsonNode old) {
        return List.of();
    }

    /// Whether `name` may name an object of this kind; the answer is the finding, empty when it may. The default is the
    /// DNS-1123 subdomain rule.
    default String checkName(String name) {
        return Names.dns1123Subdomain(name);
    }

    /// Whether an owner reference may name an object of this kind.
    default boolean mayOwn() {
        return true;
    }

    /// The grace period in seconds for deleting `object`; 0 removes it at once. `requested` is the client's wish or -1.
    /// Only kinds that end gracefully (Pod) override it.
    default long gracePeriodSeconds(JsonNode object, long requested) {
        return 0;
    }

    /// Whether a deletion without policy leaves dependents alone (`orphan`), as for Jobs and ReplicationControllers.
    default boolean orphansByDefault() {
        return false;
    }

    /// Whether something beside `metadata.finalizers` keeps a deleted object in the store. Must not mutate.
    default boolean holdsBack(JsonNode object) {
        return false;
    }

    /// Runs when a deletion leaves `object` in the store for now (a grace period, finalizers, or
    /// [#holdsBack]), after its metadata say so. May mutate.
    default void onDeletionBegun(ObjectNode object) {}

    /// Runs after an object has really gone from storage (e.g. to release an address). Must be idempotent.
    default void afterDelete(JsonNode object, WriteContext context) {}

    /// Whether its deletion begins with the timestamp alone, without a grace period and without a new generation
    /// (upstream: namespaces and definitions of custom kinds, whose storage begins it by itself).
    default boolean isOnlyStampedAtDeletion() {
        return false;
    }

    /// Whether DELETE answers the deleted object rather than a `Status` (upstream: ReturnDeletedObject).
    default boolean returnsDeletedObject() {
        return false;
    }

    /// Where a `scale` subresource finds its values; the default suits Deployment, ReplicaSet and StatefulSet.
    default ScalePaths scalePaths() {
        return ScalePaths.DEFAULT;
    }

    /// Answers a subresource other than `status` and `scale`. Called only for those that [#spec] declares.
    default ObjectNode subresource(SubresourceRequest request) {
        throw new IllegalStateException("subresource declared but not answered: " + request.name());
    }

    /// What the URL of a stream to an object asks for, as the object that admission sees. Called only for subresources
    /// that [#spec] declares as [Subresource.Use#STREAM].
    ///
    /// @param query the values of a parameter, empty where it is absent
    default ObjectNode connectOptions(String subresource, Function<String, List<String>> query) {
        throw new IllegalStateException("stream declared but its options not told: " + subresource);
    }

    /// Whether [#toStorage] answers the object as it is.
    default boolean storesAsServed() {
        return true;
    }

    /// The tree to store for `object`, where two resources share one storage (Event, HorizontalPodAutoscaler):
    /// converts to the stored version. May answer `object` itself. The engine calls it last.
    default ObjectNode toStorage(ObjectNode object) {
        return object;
    }

    /// The reverse: converts what any release or resource may have stored to this kind's version. May mutate and answer
    /// `stored`.
    default ObjectNode fromStorage(ObjectNode stored) {
        stored.put("apiVersion", spec().kind().apiVersion());
        stored.put("kind", spec().kind().kind());
        return stored;
    }

    /// Whether converting many stored objects at once is cheaper than one by one: where a webhook does it.
    default boolean convertsInBatches() {
        return false;
    }

    /// The same as [#fromStorage(ObjectNode)] for several, in order.
    default List<ObjectNode> fromStorage(List<ObjectNode> stored) {
        return stored.stream().map(this::fromStorage).toList();
    }
}
