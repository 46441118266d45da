package io.insula.tenantapi.storage.cache;

import java.time.Duration;

/// How much is kept in memory.
///
/// @param linger how long a watch goes on after its last watcher left
/// @param windowEvents how many recent events of a prefix serve watches that start a little in the past
/// @param windowBytes the same in bytes of values
/// @param queueEvents how many events may wait for one watcher before it is ended
/// @param collections what is kept of collections that are read
public record CacheConfig(
        Duration linger, int windowEvents, long windowBytes, int queueEvents, Collections collections) {

    /// @param sweep how often unread values are packed and unread collections let go
    /// @param keep how long a collection stays after its last read
    /// @param maxKeys beyond which a collection is read from the store
    /// @param maxBytes the same in bytes of values, as the store has them
    /// @param patience how long a read waits for the store's watch before it asks the store itself
    public record Collections(Duration sweep, Duration keep, int maxKeys, long maxBytes, Duration patience) {}

    public static CacheConfig usual() {
        return new CacheConfig(
                Duration.ofSeconds(30),
                2_000,
                8L * 1024 * 1024,
                20_000,
                new Collections(
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(1),
                        20_000,
                        128L * 1024 * 1024,
                        Duration.ofMillis(250)));
    }
}
