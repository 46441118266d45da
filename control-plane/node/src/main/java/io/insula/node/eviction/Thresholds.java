package io.insula.node.eviction;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Below which a signal presses: at once, without grace.
public record Thresholds(Map<Signal, Threshold> below) {

    private static final int ALL = 100;

    /// The kubelet's own. Source: Kubernetes, "Node-pressure Eviction", hard eviction thresholds.
    public static final Thresholds USUAL = new Thresholds(Map.of(
            Signal.MEMORY, new Threshold(100L << 20, 0),
            Signal.NODE_FILES, new Threshold(0, 10),
            Signal.NODE_INODES, new Threshold(0, 5),
            Signal.IMAGE_FILES, new Threshold(0, 15),
            Signal.IMAGE_INODES, new Threshold(0, 5)));

    public Thresholds {
        below = below.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(below));
    }

    /// Either so much, or so many hundredths of all.
    public record Threshold(long amount, int percent) {
        long of(long capacity) {
            return percent > 0 ? capacity / ALL * percent : amount;
        }
    }

    /// Signals that press, the most urgent first.
    public List<Signal> pressing(Observed observed) {
        return Arrays.stream(Signal.values())
                .filter(below::containsKey)
                .filter(signal -> {
                    Observed.Left left = observed.left().get(signal);
                    return left != null && left.available() < quantity(signal, observed);
                })
                .toList();
    }

    /// Below which a signal presses on this machine.
    public long quantity(Signal signal, Observed observed) {
        Observed.Left left = observed.left().get(signal);
        Threshold threshold = below.get(signal);
        return left == null || threshold == null ? 0 : threshold.of(left.capacity());
    }
}
