package io.insula.node.machine;

/// What a control group may take at most, and what weighs it against others. Zero: no bound.
///
/// @param cpuShares version 1's scale (2–262144)
/// @param cpuQuotaMicros of each period
/// @param processes counts threads too
public record CgroupBounds(
        long cpuShares, long cpuPeriodMicros, long cpuQuotaMicros, long memoryBytes, long processes) {

    private static final long SHARES_RANGE = 262_142;
    private static final long WEIGHT_RANGE = 9999;

    /// On version 2's scale (1–10000). Source: KEP-2254.
    long weight() {
        return 1 + (Math.max(cpuShares, 2) - 2) * WEIGHT_RANGE / SHARES_RANGE;
    }
}
