package io.insula.reconcile;

import java.time.Duration;

/// Counts what a loop does. Called on the loop's workers: quick, never throwing.
public interface LoopMeter {

    LoopMeter NONE = new LoopMeter() {
        @Override
        public void reconciled(Ending ending, Duration took) {
            // nobody asked
        }

        @Override
        public void waited(Duration inQueue) {
            // nobody asked
        }
    };

    /// How a reconcile ended: what [Outcome] has, and an exception.
    enum Ending {
        SETTLED,
        REQUEUED,
        TERMINAL,
        FAILED
    }

    void reconciled(Ending ending, Duration took);

    /// @param inQueue from a name's arrival to its turn
    void waited(Duration inQueue);
}
