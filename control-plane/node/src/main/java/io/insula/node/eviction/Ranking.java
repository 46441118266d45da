package io.insula.node.eviction;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// In which order pods give way. Pure.
///
/// Who takes more than it asked for goes before who does not; then who matters less; then who takes most beyond what it
/// asked for. Who cannot be measured counts as one who takes too much.
///
/// Source: Kubernetes, "Node-pressure Eviction", pod selection; kubernetes, `pkg/kubelet/eviction/helpers.go`.
public final class Ranking {

    private static final Comparator<PodUse> PRIORITY = Comparator.comparingInt(PodUse::priority);

    private static final Comparator<PodUse> MEMORY = first(pod -> !pod.isKnown() || pod.memory() > pod.memoryRequest())
            .thenComparing(PRIORITY)
            .thenComparing(first(pod -> !pod.isKnown()))
            .thenComparing(Comparator.comparingLong((PodUse pod) -> pod.memory() - pod.memoryRequest())
                    .reversed());

    private static final Comparator<PodUse> DISK = first(pod -> !pod.isKnown() || pod.disk() > pod.diskRequest())
            .thenComparing(PRIORITY)
            .thenComparing(first(pod -> !pod.isKnown()))
            .thenComparing(Comparator.comparingLong((PodUse pod) -> pod.disk() - pod.diskRequest())
                    .reversed());

    private static final Comparator<PodUse> PROCESSES =
            PRIORITY.thenComparing(Comparator.comparingLong(PodUse::processes).reversed());

    private static final Map<String, Comparator<PodUse>> BY_CONDITION =
            Map.of("MemoryPressure", MEMORY, "DiskPressure", DISK, "PIDPressure", PROCESSES);

    private Ranking() {}

    /// The first to go first.
    public static List<PodUse> of(Signal signal, List<PodUse> pods) {
        return pods.stream()
                .sorted(BY_CONDITION.getOrDefault(signal.condition(), PRIORITY))
                .toList();
    }

    private static Comparator<PodUse> first(java.util.function.Predicate<PodUse> holds) {
        return Comparator.comparing(pod -> !holds.test(pod));
    }
}
