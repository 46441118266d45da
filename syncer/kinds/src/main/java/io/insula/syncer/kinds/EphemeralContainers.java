package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.insula.syncer.engine.Trees;
import java.util.List;

/// The containers that are added to a running pod (`kubectl debug`).
final class EphemeralContainers {

    private EphemeralContainers() {}

    /// As containers, for rules that are the same for both. Which container one looks into is left out.
    static List<Container> plain(PodSpec spec) {
        return spec.getEphemeralContainers().stream()
                .map(each -> Trees.as(Trees.of(each), Container.class))
                .peek(each -> each.getAdditionalProperties().remove("targetContainerName"))
                .toList();
    }
}
