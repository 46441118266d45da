package io.insula.reconcile;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The places of a loop's workers. A worker that takes longer over one name than a place is lent for loses it and goes
/// on without; another may then have it.
///
/// Not thread-safe: whoever owns it calls it under a lock of its own, except for [#lend].
final class Places {

    private final int count;
    private final Duration lent;
    private final ScheduledExecutorService timer;
    private int active;
    /// How many have lost their place, and go on without one.
    private int overdue;

    /// @param lent zero for as long as it takes
    /// @param timer stays its owner's
    Places(int count, Duration lent, ScheduledExecutorService timer) {
        this.count = count;
        this.lent = lent;
        this.timer = timer;
    }

    /// @return whether there is a place for one worker more, who has it from here to [#leave]
    boolean enter() {
        if (active >= count + overdue) {
            return false;
        }
        active++;
        return true;
    }

    void leave() {
        active--;
    }

    /// Then a worker that has gone on without a place is to leave: another has it.
    boolean areTooFew() {
        return active > count + overdue;
    }

    boolean areEmpty() {
        return active == 0;
    }

    /// For one name, to be given back by [Place#end].
    ///
    /// @param late called on the timer's thread, without the owner's lock, when it has been lent for too long
    Place lend(Consumer<Place> late) {
        var place = new Place();
        if (!lent.isZero()) {
            try {
                place.timer = timer.schedule(() -> late.accept(place), lent.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // the owner of the timer is closing, and so will its loop
            }
        }
        return place;
    }

    /// What a worker holds while it works on one name.
    final class Place {
        private @Nullable ScheduledFuture<?> timer;
        private boolean isLost;
        private boolean isOver;

        /// @return whether somebody else may have it from here on; not when it has been given back
        boolean lose() {
            if (isOver) {
                return false;
            }
            isLost = true;
            overdue++;
            return true;
        }

        void end() {
            isOver = true;
            if (isLost) {
                overdue--;
            }
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}
