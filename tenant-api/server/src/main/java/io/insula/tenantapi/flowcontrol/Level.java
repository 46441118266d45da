package io.insula.tenantapi.flowcontrol;

import java.util.function.LongSupplier;

/// One priority level at work. Thread-safe; `config`, `seats` and `current` are changed by [FlowControl] alone,
/// under its lock.
final class Level {

    private final QueueSet queues;
    private final RetryAfter retryAfter = new RetryAfter();
    private volatile PriorityLevel config;
    private volatile PriorityLevel.Seats seats;
    private volatile int current;

    Level(PriorityLevel config, PriorityLevel.Seats seats, LongSupplier nanoTime) {
        this.config = config;
        this.seats = seats;
        this.current = seats.nominal();
        this.queues = new QueueSet(config.shape(), limit(), nanoTime);
    }

    void configure(PriorityLevel newConfig, PriorityLevel.Seats newSeats) {
        config = newConfig;
        if (!newSeats.equals(seats)) {
            seats = newSeats;
            current = newSeats.nominal();
        }
        queues.configure(newConfig.shape(), limit());
    }

    /// Lends or borrows until the next time.
    void use(int newCurrent) {
        current = newCurrent;
        queues.configure(config.shape(), limit());
    }

    /// Exempt requests are counted, never held.
    private int limit() {
        return config.exempt() ? Integer.MAX_VALUE : current;
    }

    QueueSet queues() {
        return queues;
    }

    RetryAfter retryAfter() {
        return retryAfter;
    }

    PriorityLevel config() {
        return config;
    }

    PriorityLevel.Seats seats() {
        return seats;
    }

    int current() {
        return current;
    }

    /// The widest that one request may be. Source: kubernetes/apiserver, `priorityLevelMaxSeatsPercent`.
    int widest() {
        return Math.max(1, (int) Math.ceil(seats.nominal() * 0.15));
    }
}
