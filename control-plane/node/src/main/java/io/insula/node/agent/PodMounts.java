package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.insula.node.pod.DownwardFields.Surroundings;
import io.insula.node.volumes.PodVolumes;
import io.insula.node.volumes.VolumeFault;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// The volumes of one pod: prepared once, again when what they are made from changed on the pod, and when it is time to
/// look whether ConfigMaps, Secrets and tokens did. Confined to the pod's thread.
final class PodMounts {

    /// How old what a container reads of a ConfigMap may be. Source: Kubernetes, "Mounted ConfigMaps are updated
    /// automatically": the kubelet's sync period.
    static final Duration REFRESH = Duration.ofMinutes(1);

    private final PodVolumes volumes;
    private final NodeSettings settings;
    private final BiConsumer<Pod, String> failed;
    private final InstantSource clock;
    private @Nullable Prepared prepared;

    /// What of a pod its volumes are made from.
    private record Origin(
            Map<String, String> labels, Map<String, String> annotations, PodSpec spec, Surroundings around) {}

    private record Prepared(Origin origin, Map<String, Path> folders, Instant due) {}

    /// @param failed hears why a volume cannot be
    PodMounts(PodVolumes volumes, NodeSettings settings, BiConsumer<Pod, String> failed, InstantSource clock) {
        this.volumes = volumes;
        this.settings = settings;
        this.failed = failed;
        this.clock = clock;
    }

    /// @return the folder of each volume by its name; empty where one cannot be
    Optional<Map<String, Path>> prepare(PodView view) {
        var origin = new Origin(
                Objects.requireNonNullElse(view.pod().getMetadata().getLabels(), Map.of()),
                Objects.requireNonNullElse(view.pod().getMetadata().getAnnotations(), Map.of()),
                view.pod().getSpec(),
                around(view));
        Instant now = clock.instant();
        Prepared before = prepared;
        if (before != null && before.origin().equals(origin) && now.isBefore(before.due())) {
            return Optional.of(before.folders());
        }
        try {
            Map<String, Path> folders = Map.copyOf(volumes.prepare(view.pod(), origin.around()));
            prepared = new Prepared(origin, folders, now.plus(REFRESH));
            return Optional.of(folders);
        } catch (VolumeFault e) {
            prepared = null;
            failed.accept(view.pod(), String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    /// When to prepare again though nothing happens; empty before all were prepared.
    Optional<Instant> due() {
        return Optional.ofNullable(prepared).map(Prepared::due);
    }

    Surroundings around(PodView view) {
        return new Surroundings(view.addresses(settings.facts().address()), settings.capacity());
    }
}
