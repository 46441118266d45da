package io.insula.controlplane.service;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a service has opened, closed last first. What is opened after that is closed at once: a start that is
/// stopped half-way leaves nothing running. Thread-safe: guarded by `parts`; parts are closed outside of the lock.
final class OpenParts implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenParts.class);

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private boolean closed;

    /// @throws StartSteps.StoppedException when all has been closed by now, and so is `part`
    <T extends AutoCloseable> T add(T part) {
        synchronized (parts) {
            if (!closed) {
                parts.push(part);
                return part;
            }
        }
        close(part);
        throw new StartSteps.StoppedException("service");
    }

    /// Idempotent.
    @Override
    public void close() {
        while (true) {
            AutoCloseable next;
            synchronized (parts) {
                closed = true;
                next = parts.poll();
            }
            if (next == null) {
                return;
            }
            close(next);
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            LOG.atWarn().setCause(e).log("a part did not stop cleanly");
        }
    }
}
