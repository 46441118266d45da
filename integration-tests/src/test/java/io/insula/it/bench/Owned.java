package io.insula.it.bench;

import java.util.ArrayList;
import java.util.List;

/// What a run has started, ended last first: at its end, or by the JVM's when somebody interrupts the run.
final class Owned implements AutoCloseable {

    private final String who;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final Thread atExit = new Thread(this::endAll, "bench-cleanup");

    /// @param who says what could not be ended
    Owned(String who) {
        this.who = who;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    synchronized <T extends AutoCloseable> T add(T part) {
        parts.addFirst(part);
        return part;
    }

    @Override
    public void close() {
        endAll();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private synchronized void endAll() {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                System.err.println(who + ": not ended: " + e);
            }
        }
        parts.clear();
    }
}
