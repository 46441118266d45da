package io.insula.tenantapi.storage.cache;

import java.time.Duration;

/// How much a shared watch keeps.
///
/// @param linger how long it goes on after its last watcher left
/// @param windowEvents how many recent events serve watches that start a little in the past
/// @param windowBytes the same in bytes of values
/// @param queueEvents how many events may wait for one watcher before it is ended
public record SharedWatchConfig(Duration linger, int windowEvents, long windowBytes, int queueEvents) {

    public static SharedWatchConfig usual() {
        return new SharedWatchConfig(Duration.ofSeconds(30), 2_000, 8L * 1024 * 1024, 20_000);
    }
}
