package io.insula.syncer.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/// Asks every syncer about every object and queues those that differ. Thread-safe.
final class DriftScan {

    private final Decisions decisions;
    private final Writer writer;
    private final Consumer<SyncKey> queue;

    /// @param queue decides on a key soon
    DriftScan(Decisions decisions, Writer writer, Consumer<SyncKey> queue) {
        this.decisions = decisions;
        this.writer = writer;
        this.queue = queue;
    }

    /// @return how many differ, by name of the syncer; none while either side has not been listed
    Map<String, Long> scan(AttachedTenant tenant) {
        var different = new HashMap<String, Long>();
        tenant.syncers().names().forEach(name -> different.put(name, 0L));
        if (!tenant.isListed()) {
            return different;
        }
        for (var key : decisions.keys(tenant)) {
            if (decisions.of(key, tenant).stream().anyMatch(change -> writer.isNeeded(change, tenant))) {
                different.merge(key.syncer(), 1L, Long::sum);
                queue.accept(key);
            }
        }
        return different;
    }
}
