package io.insula.it.bench;

import java.util.Arrays;
import java.util.Locale;

/// What one load measured.
///
/// @param perSecond finished operations in a second
/// @param p50 the median time of one operation, in microseconds
/// @param p99 the same for the slowest hundredth
record Rate(double perSecond, double p50, double p99) {

    /// @param nanos the time of each operation; any order
    static Rate of(long[] nanos, long elapsedNanos) {
        if (nanos.length == 0) {
            throw new IllegalArgumentException("operations: 0 (expected: > 0)");
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Rate(nanos.length * 1e9 / elapsedNanos, at(sorted, 0.5), at(sorted, 0.99));
    }

    private static double at(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * share))] / 1e3;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%,9.0f/s  p50 %,8.0f µs  p99 %,9.0f µs", perSecond, p50, p99);
    }
}
