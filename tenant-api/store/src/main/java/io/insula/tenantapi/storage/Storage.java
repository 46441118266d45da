package io.insula.tenantapi.storage;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The store of exactly one tenant: a revisioned, watchable map from keys to bytes. Every write takes one revision,
/// revisions only grow. Thread-safe; calls block their (virtual) thread and end within the store's own deadline with
/// [StorageException.Unavailable].
public interface Storage extends AutoCloseable {

    /// Writes `value` under a new key and answers the new revision.
    ///
    /// @param ttl after which the key vanishes by itself; [Duration#ZERO] for never
    /// @throws StorageException.KeyExists when the key is taken
    long create(String key, byte[] value, Duration ttl);

    /// The latest value (linearizable); empty where the key does not exist.
    Optional<StoredValue> get(String key);

    /// Reads keys that start with `prefix`, from `startKey` (inclusive, itself a full key; empty for the prefix's
    /// first).
    ///
    /// @param revision 0 for the latest (linearizable), else exactly that one
    /// @param limit 0 for all
    /// @throws StorageException.Compacted when `revision` is no longer readable
    /// @throws StorageException.FutureRevision when `revision` has not been reached
    StoragePage list(String prefix, String startKey, long revision, int limit);

    /// How new a read of a collection must be.
    enum Freshness {
        /// As if read after the call began (linearizable).
        LATEST,
        /// At least as new as every write that this instance has acknowledged before the call. What others have
        /// written to the same store may be missing for moments.
        OWN_WRITES,
        /// The same where the collection is in memory already, else as if read after the call began: for who can tell
        /// later whether it was the latest. Brings nothing into memory that ordinary reads would not.
        AT_HAND
    }

    /// The value of a key of a collection that is often read: may be answered from memory.
    ///
    /// @param collection a prefix of the key that ends with `/`: what is kept in memory together
    default Optional<StoredValue> get(String collection, String key, Freshness freshness) {
        return get(key);
    }

    /// A whole prefix, or its first keys, of a collection that is often read: may be answered from memory.
    ///
    /// @param collection a prefix of `prefix`, as for [#get(String, String, Freshness)]
    /// @param limit 0 for all
    default StoragePage list(String collection, String prefix, int limit, Freshness freshness) {
        return list(prefix, "", 0, limit);
    }

    /// How far a collection has come.
    ///
    /// @param revision that a read of this freshness would show at least
    /// @param changed equal for two reads between which nothing in the collection has changed; 0 where not known
    record State(long revision, long changed) {
        public static final State UNKNOWN = new State(0, 0);

        /// This one, or another where this one is not known or older.
        public State orAtLeast(State other) {
            return changed == 0 || revision < other.revision ? other : this;
        }
    }

    /// What a read of the collection would show now, without reading it.
    default State state(String collection, Freshness freshness) {
        return State.UNKNOWN;
    }

    /// Replaces the value if the key still has `expectedRevision`; keeps its time to live. Answers the new revision.
    ///
    /// @throws StorageException.Conflict when the key has another revision or is gone
    long update(String key, byte[] value, long expectedRevision);

    /// Removes the key if it still has `expectedRevision`. Answers the revision of the removal.
    ///
    /// @throws StorageException.Conflict when the key has another revision or is gone
    long delete(String key, long expectedRevision);

    /// The latest revision (linearizable).
    long currentRevision();

    /// Why the store takes no writes but removals at present, though it answers; empty where it takes them. From
    /// memory.
    default Optional<String> readOnlyBecause() {
        return Optional.empty();
    }

    /// Delivers every change under `prefix` with a revision greater than `afterRevision`, in order, one call at a time.
    /// Ends by [Subscription#close] or after [Listener#onError].
    Subscription watch(String prefix, long afterRevision, Listener listener);

    @Override
    void close();

    /// Receives changes. Calls come one at a time, never on the caller's thread, and must not block.
    interface Listener {
        void onEvents(List<StorageEvent> events);

        /// All changes up to `revision` have been delivered.
        void onProgress(long revision);

        /// The watch ended ([StorageException.Compacted] when its start is no longer readable, else Unavailable).
        void onError(StorageException error);
    }

    /// A running watch.
    interface Subscription extends AutoCloseable {
        /// Idempotent; events already on their way may still arrive.
        @Override
        void close();

        /// Asks for a call of [Listener#onProgress] with all that the store has reached, behind the events that are on
        /// their way. Stores that tell progress only by themselves ignore it.
        ///
        /// @return whether the call will come
        default boolean askProgress() {
            return false;
        }
    }
}
