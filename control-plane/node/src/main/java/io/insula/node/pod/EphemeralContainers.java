package io.insula.node.pod;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;

/// The containers that are added to a pod while it runs (`kubectl debug`). Stateless.
///
/// Source: Kubernetes, "Ephemeral Containers".
public final class EphemeralContainers {

    private static final String TARGET = "targetContainerName";

    private EphemeralContainers() {}

    /// As containers: what is the same of both is done once.
    public static List<Container> of(Pod pod) {
        return pod.getSpec().getEphemeralContainers().stream()
                .map(EphemeralContainers::container)
                .toList();
    }

    private static Container container(EphemeralContainer ephemeral) {
        Container plain = Serialization.unmarshal(Serialization.asJson(ephemeral), Container.class);
        plain.getAdditionalProperties().remove(TARGET);
        return plain;
    }

    /// The name of the container whose processes one sees; empty where it says none, or `name` is no ephemeral one.
    public static Optional<String> target(Pod pod, String name) {
        return pod.getSpec().getEphemeralContainers().stream()
                .filter(c -> c.getName().equals(name))
                .map(EphemeralContainer::getTargetContainerName)
                .filter(target -> target != null && !target.isEmpty())
                .findFirst();
    }
}
