package io.insula.node.eviction;

import java.util.List;

/// What one pod takes.
///
/// @param priority as its PriorityClass says; 0 without
/// @param isKnown whether it could be measured
/// @param localBytes of its disk volumes
public record PodUse(String uid, int priority, boolean isKnown, List<Part> parts, long localBytes, long processes) {

    public PodUse {
        parts = List.copyOf(parts);
    }

    /// One container.
    ///
    /// @param diskBytes its writable layer and logs
    public record Part(String name, long memoryBytes, long memoryRequest, long diskBytes, long diskRequest) {}

    long memory() {
        return parts.stream().mapToLong(Part::memoryBytes).sum();
    }

    long memoryRequest() {
        return parts.stream().mapToLong(Part::memoryRequest).sum();
    }

    long disk() {
        return localBytes + parts.stream().mapToLong(Part::diskBytes).sum();
    }

    long diskRequest() {
        return parts.stream().mapToLong(Part::diskRequest).sum();
    }
}
