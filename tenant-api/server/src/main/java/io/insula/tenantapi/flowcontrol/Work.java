package io.insula.tenantapi.flowcontrol;

import java.time.Duration;

/// What a request is thought to cost.
///
/// @param seats that it takes, at least 1
/// @param afterwards how long it keeps them when it has been answered: its watchers have work with it then
public record Work(int seats, Duration afterwards) {

    /// A plain request.
    public static final Work ONE = new Work(1, Duration.ZERO);

    public Work {
        if (seats < 1) {
            throw new IllegalArgumentException("seats: " + seats + " (expected: >= 1)");
        }
    }

    /// The same area on fewer seats: for longer.
    Work within(int widest) {
        if (seats <= widest) {
            return this;
        }
        return new Work(widest, afterwards.multipliedBy(seats).dividedBy(widest));
    }
}
