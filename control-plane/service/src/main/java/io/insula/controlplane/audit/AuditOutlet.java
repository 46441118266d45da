package io.insula.controlplane.audit;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// Where shipped events go: a port, in production the topic in Kafka. Used by one thread.
interface AuditOutlet extends AutoCloseable {

    /// Sends one event behind those sent before with the same key.
    ///
    /// @return done when the event is as safe as it can be there; failed when it may not have arrived
    Future<?> send(String key, byte[] event);

    /// Does not wait longer than a few seconds for what is under way.
    @Override
    void close();

    /// Opens outlets: after a failure the next one is a new one.
    @FunctionalInterface
    interface Opener {
        /// @throws ExecutionException when the other side does not answer or refuses
        AuditOutlet open() throws ExecutionException, InterruptedException;
    }
}
