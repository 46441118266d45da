package io.insula.node.agent;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// What the containers of one pod hold, while other resources may be wanted of it. Whoever follows a killed agent finds
/// it in the pod's status. Confined to the pod's thread.
final class Holdings {

    private final Map<String, ResourceRequirements> given = new HashMap<>();

    /// What of a container's resources can be another while it runs.
    static final List<String> RESIZABLE = List.of("cpu", "memory");

    /// As wanted, for a container that has never run.
    ResourceRequirements of(PodView view, Container container) {
        ResourceRequirements known = given.get(container.getName());
        if (known != null) {
            return known;
        }
        if (view.newest(container.getName()).isEmpty()) {
            return wanted(container);
        }
        return Stream.of(
                        view.pod().getStatus().getContainerStatuses(),
                        view.pod().getStatus().getInitContainerStatuses())
                .flatMap(List::stream)
                .filter(status -> status.getName().equals(container.getName()))
                .map(ContainerStatus::getResources)
                .flatMap(told -> Optional.ofNullable(told).stream())
                .findFirst()
                .orElseGet(() -> wanted(container));
    }

    void give(Container container, ResourceRequirements resources) {
        given.put(container.getName(), resources);
    }

    /// The pod as if it wanted what it holds.
    Pod held(PodView view) {
        return new PodBuilder(view.pod())
                .editSpec()
                .withInitContainers(held(view, view.pod().getSpec().getInitContainers()))
                .withContainers(held(view, view.pod().getSpec().getContainers()))
                .endSpec()
                .build();
    }

    private List<Container> held(PodView view, List<Container> containers) {
        return containers.stream().map(c -> held(view, c)).toList();
    }

    /// The container as if it wanted what it holds.
    Container held(PodView view, Container container) {
        ResourceRequirements holds = of(view, container);
        if (isSame(holds, wanted(container))) {
            return container;
        }
        return new io.fabric8.kubernetes.api.model.ContainerBuilder(container)
                .withResources(holds)
                .build();
    }

    static ResourceRequirements wanted(Container container) {
        return container.getResources() == null
                ? new ResourceRequirements()
                : new ResourceRequirementsBuilder(container.getResources())
                        .withClaims(List.of())
                        .build();
    }

    static boolean isSame(ResourceRequirements one, ResourceRequirements other) {
        return RESIZABLE.stream().allMatch(name -> isSame(one, other, name));
    }

    static boolean isSame(ResourceRequirements one, ResourceRequirements other, String resource) {
        return Objects.equals(
                        one.getRequests().get(resource), other.getRequests().get(resource))
                && Objects.equals(
                        one.getLimits().get(resource), other.getLimits().get(resource));
    }
}
