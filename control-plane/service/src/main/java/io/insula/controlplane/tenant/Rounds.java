package io.insula.controlplane.tenant;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Work that is done again and again, with a pause before each round, on one thread of its own. Thread-safe.
public final class Rounds implements AutoCloseable {

    private final Duration pause;
    private final Runnable round;
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread thread;

    /// @param name of the thread
    /// @param round must not fail: none follows one that does
    public Rounds(String name, Duration pause, Runnable round) {
        this.pause = pause;
        this.round = round;
        this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    /// Begins with the first pause; returns at once. Called once.
    public void begin() {
        thread.start();
    }

    /// No further round begins; returns at once.
    void end() {
        ending.countDown();
    }

    boolean areEnding() {
        return ending.getCount() == 0;
    }

    /// Ends, and waits for a round that is under way.
    @Override
    public void close() {
        end();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!ending.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                round.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
