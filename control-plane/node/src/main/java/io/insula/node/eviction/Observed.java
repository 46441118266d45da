package io.insula.node.eviction;

import java.util.EnumMap;
import java.util.Map;

/// What is left of each signal, and of how much; what could not be seen is not there.
public record Observed(Map<Signal, Left> left) {
    public Observed {
        left = left.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(left));
    }

    public record Left(long available, long capacity) {}
}
