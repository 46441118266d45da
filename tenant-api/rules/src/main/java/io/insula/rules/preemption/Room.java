package io.insula.rules.preemption;

import java.util.List;

/// Room for a pod on one node, made by ending others. Immutable.
///
/// @param <P> a pod, as whoever asks has it
/// @param node for the pod
/// @param victims that go, the most important first; at least one
/// @param violations how many of them a disruption budget would keep
public record Room<P>(String node, List<P> victims, int violations) {

    public Room {
        victims = List.copyOf(victims);
        if (victims.isEmpty()) {
            throw new IllegalArgumentException("victims: [] (expected: at least one)");
        }
    }
}
