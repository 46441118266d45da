package io.insula.node.runtime;

import java.time.Instant;
import java.util.Map;

/// What a container used up to a moment.
///
/// @param cpuNanos since it started
/// @param workingSetBytes memory that cannot be taken back
/// @param writtenBytes in its own writable layer
public record ContainerUsage(
        ContainerId id,
        String name,
        Map<String, String> labels,
        Instant at,
        long cpuNanos,
        long workingSetBytes,
        long usageBytes,
        long rssBytes,
        long writtenBytes,
        long writtenInodes) {
    public ContainerUsage {
        labels = Map.copyOf(labels);
    }
}
