package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.insula.isolation.ResourceMode.Burstable;
import io.insula.isolation.ResourceMode.Hard;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes CPU and memory of every container binding. Other resources are left as they are.
final class ResourceRules {

    private static final List<String> GOVERNED = List.of("cpu", "memory");

    private ResourceRules() {}

    /// The first container whose own numbers the mode forbids.
    static Optional<FieldViolation> check(Pod pod, ProfileSettings settings) {
        if (!(settings.resources() instanceof Burstable(var maxRatio))) {
            return Optional.empty();
        }
        for (var located : PodFields.containers(pod)) {
            var own = orEmpty(located.container().getResources());
            for (var name : GOVERNED) {
                var request = own.getRequests().get(name);
                var limit = own.getLimits().get(name);
                if (request != null && limit != null && exceeds(limit, request, maxRatio)) {
                    return Optional.of(new FieldViolation(
                            located.path() + ".resources.limits." + name,
                            limit + " is more than " + maxRatio + " times the request of " + request));
                }
            }
        }
        return Optional.empty();
    }

    static List<Container> apply(List<Container> containers, ProfileSettings settings) {
        return containers.stream()
                .map(container -> new ContainerBuilder(container)
                        .withResources(enforced(orEmpty(container.getResources()), settings))
                        .build())
                .toList();
    }

    static ResourceRequirements enforced(ResourceRequirements own, ProfileSettings settings) {
        var requests = new LinkedHashMap<>(own.getRequests());
        var limits = new LinkedHashMap<>(own.getLimits());
        enforce("cpu", settings.defaults().cpu(), settings.resources(), requests, limits);
        enforce("memory", settings.defaults().memory(), settings.resources(), requests, limits);
        return new ResourceRequirementsBuilder(own)
                .withRequests(requests)
                .withLimits(limits)
                .build();
    }

    private static void enforce(
            String name,
            Quantity fallback,
            ResourceMode mode,
            Map<String, Quantity> requests,
            Map<String, Quantity> limits) {
        switch (mode) {
            case Hard() -> {
                // the limit is what the container may use, so that is what the node has to reserve
                var both = first(limits.get(name), requests.get(name), fallback);
                requests.put(name, both);
                limits.put(name, both);
            }
            case Burstable(var maxRatio) -> {
                var request = first(requests.get(name), limits.get(name), fallback);
                requests.put(name, request);
                limits.putIfAbsent(name, times(request, maxRatio, name));
            }
        }
    }

    private static Quantity first(@Nullable Quantity one, @Nullable Quantity two, Quantity fallback) {
        return one != null ? one : two != null ? two : fallback;
    }

    private static boolean exceeds(Quantity limit, Quantity request, double maxRatio) {
        return limit.getNumericalAmount().compareTo(request.getNumericalAmount().multiply(BigDecimal.valueOf(maxRatio)))
                > 0;
    }

    private static Quantity times(Quantity quantity, double ratio, String name) {
        var amount = quantity.getNumericalAmount().multiply(BigDecimal.valueOf(ratio));
        return name.equals("cpu") ? milli(amount) : bytes(amount);
    }

    /// Rounded up, as Kubernetes has no finer CPU than 1m.
    static Quantity milli(BigDecimal cores) {
        return new Quantity(
                cores.movePointRight(3).setScale(0, RoundingMode.CEILING).toPlainString() + "m");
    }

    static Quantity bytes(BigDecimal bytes) {
        return new Quantity(bytes.setScale(0, RoundingMode.CEILING).toPlainString());
    }

    static ResourceRequirements orEmpty(@Nullable ResourceRequirements resources) {
        return resources == null ? new ResourceRequirements() : resources;
    }
}
