package io.insula.tenantapi.flowcontrol;

import io.insula.tenantapi.flowcontrol.QueueSet.Entry;
import org.jspecify.annotations.Nullable;

/// What became of one request: it holds its seat until closed, or has been refused. Closing is idempotent.
public final class Admission implements AutoCloseable {

    private final FlowSchema schema;
    private final Level level;
    private final @Nullable Entry entry;
    private final int retryAfterSeconds;
    private final Runnable onClose;
    private boolean closed;

    private Admission(FlowSchema schema, Level level, @Nullable Entry entry, int retryAfterSeconds, Runnable onClose) {
        this.schema = schema;
        this.level = level;
        this.entry = entry;
        this.retryAfterSeconds = retryAfterSeconds;
        this.onClose = onClose;
    }

    static Admission granted(FlowSchema schema, Level level, Entry entry, Runnable onClose) {
        return new Admission(schema, level, entry, 0, onClose);
    }

    static Admission refused(FlowSchema schema, Level level, int retryAfterSeconds) {
        return new Admission(schema, level, null, retryAfterSeconds, () -> {});
    }

    public boolean isGranted() {
        return entry != null;
    }

    /// When to try again, of a refused request.
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    /// Of the FlowSchema object that decided; empty where it stands in for a missing one.
    public String schemaUid() {
        return schema.uid();
    }

    /// Of its PriorityLevelConfiguration object, likewise.
    public String levelUid() {
        return level.config().uid();
    }

    /// Gives the seat to the next.
    @Override
    public synchronized void close() {
        if (!closed && entry != null) {
            closed = true;
            level.queues().leave(entry);
            onClose.run();
        }
    }
}
