package io.insula.node.agent;

import io.insula.node.pod.DownwardFields.Surroundings;
import io.insula.node.volumes.VolumeFault;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The volumes of one pod. Confined to the pod's thread.
final class PodMounts {

    private final NodeContext node;

    PodMounts(NodeContext node) {
        this.node = node;
    }

    /// @return the folder of each volume by its name; empty where one cannot be: an Event says why
    Optional<Map<String, Path>> prepare(PodView view) {
        try {
            return Optional.of(node.volumes().prepare(view.pod(), around(view)));
        } catch (VolumeFault e) {
            node.events().warning(view.pod(), "FailedMount", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    Surroundings around(PodView view) {
        return new Surroundings(
                view.addresses(node.settings().facts().address()),
                node.settings().capacity());
    }
}
