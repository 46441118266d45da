package io.insula.node.runtime;

import java.util.Map;

/// Bounds of a container, as cgroups have them. Zero: no bound of its own.
///
/// @param cpuShares relative weight, cgroup v1's scale (2–262144)
/// @param cpuQuotaMicros of each period; 0 for none
/// @param oomScoreAdj -1000–1000
/// @param unified further keys of cgroup v2
public record Resources(
        long cpuShares,
        long cpuPeriodMicros,
        long cpuQuotaMicros,
        long memoryLimitBytes,
        int oomScoreAdj,
        Map<String, String> unified) {
    public static final Resources NONE = new Resources(0, 0, 0, 0, 0, Map.of());

    /// For a container that runs, of which a bound may have to be taken away: what is not said stays as it was.
    public Resources unbounded() {
        return new Resources(
                cpuShares,
                cpuPeriodMicros,
                cpuQuotaMicros == 0 ? -1 : cpuQuotaMicros,
                memoryLimitBytes == 0 ? -1 : memoryLimitBytes,
                oomScoreAdj,
                unified);
    }

    public Resources {
        unified = Map.copyOf(unified);
    }
}
