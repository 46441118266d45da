package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Extended resources that a tenant gave its own Nodes and no node of the host has: counted among the tenant's own
/// pods, as they mean nothing to anybody else. Pure.
///
/// Source: Kubernetes documentation, "Extended resources".
///
/// @param names that the pod asks for
record OwnResources(Pod pod, List<TenantNode> nodes, Set<String> names) {

    static OwnResources of(Pod pod, List<TenantNode> nodes) {
        var names = asked(pod.getSpec())
                .filter(OwnResources::isExtended)
                .filter(name -> nodes.stream()
                        .anyMatch(node -> amount(node.tenant(), name).signum() > 0))
                .filter(name -> nodes.stream()
                        .noneMatch(node -> amount(node.host(), name).signum() > 0))
                .collect(Collectors.toUnmodifiableSet());
        return new OwnResources(pod, nodes, names);
    }

    /// As the scheduler words it; empty where there is enough.
    ///
    /// @param placed the tenant's pods that are on a node
    Optional<String> refusal(TenantNode node, Collection<Pod> placed) {
        return names.stream()
                .sorted()
                .filter(name -> amount(node.tenant(), name)
                                .subtract(used(name, node, placed))
                                .compareTo(requested(pod.getSpec(), name))
                        < 0)
                .findFirst()
                .map(name -> "Insufficient " + name);
    }

    /// Whether both want something of the same.
    boolean waitsFor(Pod other) {
        return names.stream().anyMatch(name -> requested(other.getSpec(), name).signum() > 0);
    }

    /// As the host is to see them.
    List<Container> without(List<Container> containers) {
        return names.isEmpty()
                ? containers
                : containers.stream()
                        .map(each -> new ContainerBuilder(each)
                                .withResources(without(each.getResources()))
                                .build())
                        .toList();
    }

    /// What a Node says it has of names that the host's does not know: nothing there takes a part for the system.
    static Map<String, Quantity> added(Node tenant, Node host) {
        var capacity = tenant.getStatus() == null ? null : tenant.getStatus().getCapacity();
        return capacity == null
                ? Map.of()
                : capacity.entrySet().stream()
                        .filter(each -> isExtended(each.getKey())
                                && amount(host, each.getKey()).signum() == 0)
                        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private @Nullable ResourceRequirements without(@Nullable ResourceRequirements resources) {
        return resources == null
                ? null
                : new ResourceRequirementsBuilder(resources)
                        .withRequests(without(resources.getRequests()))
                        .withLimits(without(resources.getLimits()))
                        .build();
    }

    private @Nullable Map<String, Quantity> without(@Nullable Map<String, Quantity> amounts) {
        return amounts == null
                ? null
                : amounts.entrySet().stream()
                        .filter(each -> !names.contains(each.getKey()))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private BigDecimal used(String name, TenantNode node, Collection<Pod> placed) {
        return placed.stream()
                .filter(other -> node.name().equals(other.getSpec().getNodeName()) && !OwnTopology.isSame(other, pod))
                .map(other -> requested(other.getSpec(), name))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static Stream<String> asked(PodSpec spec) {
        return Stream.concat(spec.getContainers().stream(), spec.getInitContainers().stream())
                .map(Container::getResources)
                .filter(Objects::nonNull)
                .flatMap(resources -> Stream.of(resources.getRequests(), resources.getLimits()))
                .filter(Objects::nonNull)
                .flatMap(amounts -> amounts.keySet().stream())
                .distinct();
    }

    /// Source: Kubernetes documentation, "Init containers", "Resource sharing within containers".
    private static BigDecimal requested(PodSpec spec, String name) {
        BigDecimal stays = spec.getContainers().stream()
                .map(each -> requested(each, name))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        BigDecimal sidecars = BigDecimal.ZERO;
        BigDecimal most = BigDecimal.ZERO;
        for (Container each : spec.getInitContainers()) {
            if ("Always".equals(each.getRestartPolicy())) {
                sidecars = sidecars.add(requested(each, name));
            } else {
                most = most.max(sidecars.add(requested(each, name)));
            }
        }
        return stays.add(sidecars).max(most);
    }

    private static BigDecimal requested(Container container, String name) {
        var resources = container.getResources();
        if (resources == null) {
            return BigDecimal.ZERO;
        }
        BigDecimal request = amount(resources.getRequests(), name);
        return request.signum() > 0 ? request : amount(resources.getLimits(), name);
    }

    private static BigDecimal amount(Node node, String name) {
        if (node.getStatus() == null) {
            return BigDecimal.ZERO;
        }
        var allocatable = node.getStatus().getAllocatable();
        return allocatable != null && allocatable.containsKey(name)
                ? amount(allocatable, name)
                : amount(node.getStatus().getCapacity(), name);
    }

    private static BigDecimal amount(@Nullable Map<String, Quantity> amounts, String name) {
        return amounts == null || amounts.get(name) == null
                ? BigDecimal.ZERO
                : amounts.get(name).getNumericalAmount();
    }

    private static boolean isExtended(String name) {
        int slash = name.indexOf('/');
        return slash > 0
                && !name.substring(0, slash).equals("kubernetes.io")
                && !name.substring(0, slash).endsWith(".kubernetes.io")
                && !name.startsWith("requests.");
    }
}
