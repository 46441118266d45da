package io.insula.tenantapi.flowcontrol;

/// How many seats the requests of a level wanted over time. Confined: guarded by its queue set's lock.
final class SeatDemand {

    /// Halves what was in five minutes, at one period in ten seconds. Source: kubernetes/apiserver,
    /// `apf_controller.go`.
    private static final double MEMORY = 0.977;

    private long sinceNanos;
    private long lastNanos;
    private double sum;
    private double sumOfSquares;
    private int now;
    private int highest;
    private double smoothed;

    /// What one period looked like.
    ///
    /// @param highest seats wanted at once
    /// @param smoothed mean plus deviation, remembered over periods
    record Period(int highest, double smoothed) {}

    SeatDemand(long nanos) {
        sinceNanos = nanos;
        lastNanos = nanos;
    }

    void set(int seats, long nanos) {
        advance(nanos);
        now = seats;
        highest = Math.max(highest, seats);
    }

    /// Ends a period and begins the next.
    Period end(long nanos) {
        advance(nanos);
        double length = Math.max(1, nanos - sinceNanos);
        double mean = sum / length;
        double deviation = Math.sqrt(Math.max(0, sumOfSquares / length - mean * mean));
        double envelope = mean + deviation;
        smoothed = Math.max(envelope, MEMORY * smoothed + (1 - MEMORY) * envelope);
        var period = new Period(highest, smoothed);
        sinceNanos = nanos;
        sum = 0;
        sumOfSquares = 0;
        highest = now;
        return period;
    }

    private void advance(long nanos) {
        double passed = nanos - lastNanos;
        sum += passed * now;
        sumOfSquares += passed * now * now;
        lastNanos = nanos;
    }
}
