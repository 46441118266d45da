package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.insula.isolation.Note.Done;
import io.insula.isolation.ResourceMode.Burstable;
import io.insula.isolation.ResourceMode.Hard;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes CPU and memory of every container binding, and disk where it is named. [ResourceChecks] has seen the numbers.
///
/// Where the pod itself names an amount (pod-level resources), that amount binds: containers share it, and none is
/// raised above it.
final class ResourceRules {

    static final List<String> GOVERNED = List.of("cpu", "memory");
    private static final List<String> BOUNDED = List.of("cpu", "memory", "ephemeral-storage");
    private static final String NO_LIMIT = "zero means no limit, and the isolation profile bounds every container";

    private final PodSpec spec;
    private final ProfileSettings settings;
    private final Map<String, Bounds> whole = new LinkedHashMap<>();
    private final List<Note> notes = new ArrayList<>();

    private record Bounds(Quantity request, Quantity limit) {}

    /// @param pod the pod's own resources; null where it names none
    record Enforced(
            List<Container> initContainers,
            List<Container> containers,
            @Nullable ResourceRequirements pod,
            List<Note> notes) {

        PodSpec into(PodSpec spec) {
            return new PodSpecBuilder(spec)
                    .withInitContainers(initContainers)
                    .withContainers(containers)
                    .withResources(pod)
                    .build();
        }
    }

    private ResourceRules(PodSpec spec, ProfileSettings settings) {
        this.spec = spec;
        this.settings = settings;
    }

    static Enforced apply(PodSpec spec, ProfileSettings settings) {
        return new ResourceRules(spec, settings).apply();
    }

    private Enforced apply() {
        var pod = ofPod();
        var containers = new ArrayList<Container>();
        var initContainers = new ArrayList<Container>();
        for (int i = 0; i < spec.getInitContainers().size(); i++) {
            initContainers.add(ofContainer(
                    "spec.initContainers[" + i + "]", spec.getInitContainers().get(i)));
        }
        for (int i = 0; i < spec.getContainers().size(); i++) {
            containers.add(ofContainer(
                    "spec.containers[" + i + "]", spec.getContainers().get(i)));
        }
        return new Enforced(initContainers, containers, pod, List.copyOf(notes));
    }

    private @Nullable ResourceRequirements ofPod() {
        if (spec.getResources() == null) {
            return null;
        }
        var requests = new LinkedHashMap<>(spec.getResources().getRequests());
        var limits = new LinkedHashMap<>(spec.getResources().getLimits());
        for (var name : GOVERNED) {
            var request = Quantities.given(requests, name);
            var limit = Quantities.given(limits, name);
            requests.remove(name);
            limits.remove(name);
            tellZero("spec", name, spec.getResources(), null);
            if (request == null && limit == null) {
                continue;
            }
            var bounds = bounds(name, request, limit, settings.defaults().amount(name));
            whole.put(name, bounds);
            requests.put(name, bounds.request());
            limits.put(name, bounds.limit());
        }
        return new ResourceRequirementsBuilder(spec.getResources())
                .withRequests(requests)
                .withLimits(limits)
                .build();
    }

    private Container ofContainer(String path, Container container) {
        var own = orEmpty(container.getResources());
        var requests = new LinkedHashMap<>(own.getRequests());
        var limits = new LinkedHashMap<>(own.getLimits());
        for (var name : BOUNDED) {
            var request = Quantities.given(own.getRequests(), name);
            var limit = Quantities.given(own.getLimits(), name);
            requests.remove(name);
            limits.remove(name);
            boolean needed = GOVERNED.contains(name) || request != null || limit != null;
            if (needed) {
                var bounds = whole.containsKey(name)
                        ? shared(name, request, limit)
                        : bounds(name, request, limit, settings.defaults().amount(name));
                requests.put(name, bounds.request());
                limits.put(name, bounds.limit());
            }
            tellZero(path, name, own, limits.get(name));
        }
        // what cannot be overcommitted is reserved as it is limited
        limits.forEach(requests::putIfAbsent);
        return new ContainerBuilder(container)
                .withResources(new ResourceRequirementsBuilder(own)
                        .withRequests(requests)
                        .withLimits(limits)
                        .build())
                .build();
    }

    private void tellZero(String path, String name, ResourceRequirements own, @Nullable Quantity instead) {
        var asked = own.getLimits().get(name);
        if (asked != null && asked.getNumericalAmount().signum() == 0) {
            notes.add(new Note(
                    path + ".resources.limits[" + name + "]",
                    instead == null ? Done.IGNORED : Done.REPLACED,
                    instead == null ? "" : instead.toString(),
                    NO_LIMIT));
        }
    }

    private Bounds bounds(String name, @Nullable Quantity request, @Nullable Quantity limit, Quantity fallback) {
        return switch (settings.resources()) {
            case Hard() -> {
                // the limit is what the container may use, so that is what the node has to reserve
                var both = Quantities.whole(name, first(limit, request, fallback));
                yield new Bounds(both, both);
            }
            case Burstable(var maxRatio) -> {
                var reserved = Quantities.whole(name, first(request, limit, fallback));
                yield new Bounds(
                        reserved,
                        limit != null
                                ? Quantities.whole(name, limit)
                                : Quantities.of(
                                        name, reserved.getNumericalAmount().multiply(BigDecimal.valueOf(maxRatio))));
            }
        };
    }

    /// The pod reserves for all of them. A request of zero is written, as a host would take it from the limit if it
    /// were left out, and the containers' requests could come to more than the pod's.
    private Bounds shared(String name, @Nullable Quantity request, @Nullable Quantity limit) {
        var pod = Objects.requireNonNull(whole.get(name));
        return new Bounds(
                Quantities.whole(name, first(request, limit, new Quantity("0"))),
                Quantities.whole(name, first(limit, null, pod.limit())));
    }

    private static Quantity first(@Nullable Quantity one, @Nullable Quantity two, Quantity fallback) {
        return one != null ? one : two != null ? two : fallback;
    }

    static ResourceRequirements orEmpty(@Nullable ResourceRequirements resources) {
        return resources == null ? new ResourceRequirements() : resources;
    }
}
