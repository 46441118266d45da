package io.insula.it.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What one load measured, over all its slices.
///
/// @param perSecond finished operations in a second
/// @param p50 the median time of one operation, in microseconds
/// @param p99 the same for the slowest hundredth
/// @param driverCpu processor time that this driver spent on one operation, in microseconds
/// @param serverCpu the same of the server's JVM; 0 where it is not ours
record Rate(double perSecond, double p50, double p99, double driverCpu, double serverCpu) {

    /// The operations of a stretch of time.
    ///
    /// @param nanos the time of each operation; any order
    record Slice(long[] nanos, long elapsedNanos, long driverCpuNanos, long serverCpuNanos) {}

    /// @throws IllegalArgumentException when nothing has finished
    static Rate of(List<Slice> slices) {
        long[] sorted = slices.stream()
                .flatMapToLong(slice -> Arrays.stream(slice.nanos()))
                .toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("operations: 0 (expected: > 0)");
        }
        Arrays.sort(sorted);
        long elapsed = slices.stream().mapToLong(Slice::elapsedNanos).sum();
        long driver = slices.stream().mapToLong(Slice::driverCpuNanos).sum();
        long server = slices.stream().mapToLong(Slice::serverCpuNanos).sum();
        return new Rate(
                sorted.length * 1e9 / elapsed,
                at(sorted, 0.5),
                at(sorted, 0.99),
                driver / 1e3 / sorted.length,
                server / 1e3 / sorted.length);
    }

    private static double at(long[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * share))] / 1e3;
    }

    @Override
    public String toString() {
        String rate = String.format(Locale.ROOT, "%,7.0f/s  p50 %,7.0f µs  p99 %,7.0f µs", perSecond, p50, p99);
        return serverCpu == 0 ? rate : rate + String.format(Locale.ROOT, "  server CPU %,6.0f µs", serverCpu);
    }
}
