package io.insula.tenantapi.flowcontrol;

import java.util.concurrent.atomic.AtomicBoolean;

/// What became of one request: it holds its seat until closed, or has been refused. Closing is idempotent.
/// Thread-safe.
public final class Admission implements AutoCloseable {

    private final FlowSchema schema;
    private final Level level;
    private final boolean granted;
    private final int retryAfterSeconds;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Admission(FlowSchema schema, Level level, boolean granted, int retryAfterSeconds, Runnable onClose) {
        this.schema = schema;
        this.level = level;
        this.granted = granted;
        this.retryAfterSeconds = retryAfterSeconds;
        this.onClose = onClose;
    }

    /// @param onClose gives the seat back
    static Admission granted(FlowSchema schema, Level level, Runnable onClose) {
        return new Admission(schema, level, true, 0, onClose);
    }

    static Admission refused(FlowSchema schema, Level level, int retryAfterSeconds) {
        return new Admission(schema, level, false, retryAfterSeconds, () -> {});
    }

    public boolean isGranted() {
        return granted;
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
    public void close() {
        if (closed.compareAndSet(false, true)) {
            onClose.run();
        }
    }
}
