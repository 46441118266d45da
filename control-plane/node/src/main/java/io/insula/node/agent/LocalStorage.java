package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.insula.node.agent.PodUses.Measured;
import io.insula.node.eviction.PodUse;
import io.insula.node.eviction.Words;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Whether a pod took more of the disk than it may: the kubelet's three questions, in its order. Pure.
///
/// Source: kubernetes, `pkg/kubelet/eviction/eviction_manager.go` (localStorageEviction).
final class LocalStorage {

    private static final String RESOURCE = "ephemeral-storage";

    private LocalStorage() {}

    /// What the pod is told; empty where it keeps to its limits.
    static Optional<String> excess(Measured measured) {
        return volume(measured).or(() -> whole(measured)).or(() -> container(measured));
    }

    private static Optional<String> volume(Measured measured) {
        for (Volume volume : measured.pod().getSpec().getVolumes()) {
            long limit = volume.getEmptyDir() == null
                    ? 0
                    : bytes(volume.getEmptyDir().getSizeLimit());
            if (limit > 0 && measured.volumes().getOrDefault(volume.getName(), 0L) > limit) {
                return Optional.of(Words.volume(volume.getName(), limit));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> whole(Measured measured) {
        Pod pod = measured.pod();
        long limit = pod.getSpec().getContainers().stream()
                .mapToLong(LocalStorage::limit)
                .sum();
        long used = measured.use().localBytes()
                + measured.use().parts().stream()
                        .mapToLong(PodUse.Part::diskBytes)
                        .sum();
        return limit > 0 && used > limit ? Optional.of(Words.pod(limit)) : Optional.empty();
    }

    private static Optional<String> container(Measured measured) {
        Pod pod = measured.pod();
        for (Container container : Stream.concat(
                        pod.getSpec().getContainers().stream(), pod.getSpec().getInitContainers().stream())
                .toList()) {
            long limit = limit(container);
            boolean exceeds = measured.use().parts().stream()
                    .anyMatch(part -> part.name().equals(container.getName()) && part.diskBytes() > limit);
            if (limit > 0 && exceeds) {
                return Optional.of(Words.container(container.getName(), limit));
            }
        }
        return Optional.empty();
    }

    private static long limit(Container container) {
        Map<String, Quantity> limits = container.getResources() == null
                ? Map.of()
                : container.getResources().getLimits();
        return bytes(limits.get(RESOURCE));
    }

    private static long bytes(@org.jspecify.annotations.Nullable Quantity quantity) {
        return quantity == null ? 0 : Quantity.getAmountInBytes(quantity).longValue();
    }
}
