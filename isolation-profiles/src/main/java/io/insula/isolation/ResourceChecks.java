package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.isolation.ResourceMode.Burstable;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Numbers that no host takes, or that the profile's mode forbids. What cannot be read counts as forbidden.
///
/// Source: Kubernetes documentation, "Resource Management for Pods and Containers" and "Extended Resources" (integers,
/// request equals limit); "Assign Pod-level CPU and memory resources".
final class ResourceChecks {

    /// May be used beyond what was requested, so that requests and limits can differ.
    private static final Set<String> OVERCOMMITTED = Set.of("cpu", "memory", "ephemeral-storage");
    private static final Set<String> POD_LEVEL = Set.of("cpu", "memory");
    private static final String HUGE_PAGES = "hugepages-";

    private final PodSpec spec;
    private final ResourceMode mode;

    private ResourceChecks(PodSpec spec, ResourceMode mode) {
        this.spec = spec;
        this.mode = mode;
    }

    /// The first number in the way.
    static Optional<FieldViolation> check(Pod pod, ProfileSettings settings) {
        var checks = new ResourceChecks(PodFields.spec(pod), settings.resources());
        var whole = ResourceRules.orEmpty(checks.spec.getResources());
        return checks.names("spec.resources", whole)
                .or(() -> checks.amounts("spec.resources", whole))
                .or(() -> PodFields.containers(pod).stream()
                        .flatMap(located -> checks
                                .amounts(
                                        located.path() + ".resources",
                                        ResourceRules.orEmpty(
                                                located.container().getResources()))
                                .stream())
                        .findFirst())
                .or(() -> checks.together(settings))
                .or(() -> checks.inRange(settings));
    }

    private Optional<FieldViolation> names(String path, ResourceRequirements own) {
        for (var field :
                Map.of("limits", own.getLimits(), "requests", own.getRequests()).entrySet()) {
            for (var name : field.getValue().keySet()) {
                if (!POD_LEVEL.contains(name) && !name.startsWith(HUGE_PAGES)) {
                    return refuse(path, field.getKey(), name, "is not a resource of a whole pod");
                }
            }
        }
        return Optional.empty();
    }

    private Optional<FieldViolation> amounts(String path, ResourceRequirements own) {
        return readable(path, "limits", own.getLimits())
                .or(() -> readable(path, "requests", own.getRequests()))
                .or(() -> pairs(path, own));
    }

    private static Optional<FieldViolation> readable(String path, String field, Map<String, Quantity> amounts) {
        for (var each : new TreeMap<>(amounts).entrySet()) {
            var name = each.getKey();
            if (!OVERCOMMITTED.contains(name) && !name.startsWith(HUGE_PAGES) && !name.contains("/")) {
                return refuse(path, field, name, "is not a resource of a container");
            }
            var amount = Quantities.read(each.getValue());
            if (amount.isEmpty()) {
                return refuse(path, field, name, "must be a quantity");
            }
            if (amount.get().signum() < 0) {
                return refuse(path, field, name, "must be greater than or equal to 0");
            }
            if (amount.get().compareTo(Quantities.LARGEST) > 0) {
                return refuse(path, field, name, "is more than any node has");
            }
            if (!OVERCOMMITTED.contains(name)
                    && amount.get().stripTrailingZeros().scale() > 0) {
                return refuse(path, field, name, "must be an integer");
            }
        }
        return Optional.empty();
    }

    private Optional<FieldViolation> pairs(String path, ResourceRequirements own) {
        for (var each : new TreeMap<>(own.getRequests()).entrySet()) {
            var name = each.getKey();
            var request = each.getValue();
            var limit = own.getLimits().get(name);
            if (limit == null) {
                if (!OVERCOMMITTED.contains(name)) {
                    return refuse(path, "requests", name, "needs a limit of the same amount");
                }
                continue;
            }
            var compared = request.getNumericalAmount().compareTo(limit.getNumericalAmount());
            if (compared > 0) {
                return refuse(path, "requests", name, "must be less than or equal to the limit of " + limit);
            }
            if (compared < 0 && !OVERCOMMITTED.contains(name)) {
                return refuse(path, "requests", name, "must be equal to the limit of " + limit);
            }
            if (isGoverned(name)
                    && mode instanceof Burstable(var maxRatio)
                    && request.getNumericalAmount().signum() > 0
                    && exceeds(limit, request, maxRatio)) {
                return refuse(
                        path, "limits", name, limit + " is more than " + maxRatio + " times the request of " + request);
            }
        }
        return Optional.empty();
    }

    /// What the containers may use and reserve must fit into what the pod does.
    private Optional<FieldViolation> together(ProfileSettings settings) {
        var enforced = ResourceRules.apply(spec, settings);
        if (enforced.pod() == null) {
            return Optional.empty();
        }
        var pod = enforced.pod();
        var containers = enforced.into(spec);
        for (var name : ResourceRules.GOVERNED) {
            var reserved = pod.getRequests().get(name);
            var most = pod.getLimits().get(name);
            if (reserved == null || most == null) {
                continue;
            }
            if (ResourceTotals.requestOfContainers(containers, name).compareTo(reserved.getNumericalAmount()) > 0) {
                return refuse("spec.resources", "requests", name, "is less than its containers request together");
            }
            for (var located : PodFields.containers(spec)) {
                var limit = ResourceRules.orEmpty(located.container().getResources())
                        .getLimits()
                        .get(name);
                if (limit != null && limit.getNumericalAmount().compareTo(most.getNumericalAmount()) > 0) {
                    return refuse(
                            located.path() + ".resources",
                            "limits",
                            name,
                            "must be less than or equal to the pod's limit of " + most);
                }
            }
        }
        return Optional.empty();
    }

    private Optional<FieldViolation> inRange(ProfileSettings settings) {
        return settings.limitRange().equals(LimitRanges.NONE)
                ? Optional.empty()
                : settings.limitRange()
                        .check(ResourceRules.apply(spec, settings).into(spec));
    }

    private static boolean isGoverned(String name) {
        return ResourceRules.GOVERNED.contains(name);
    }

    private static boolean exceeds(Quantity limit, Quantity request, double maxRatio) {
        return limit.getNumericalAmount().compareTo(request.getNumericalAmount().multiply(BigDecimal.valueOf(maxRatio)))
                > 0;
    }

    private static Optional<FieldViolation> refuse(String path, String field, String name, String message) {
        return Optional.of(new FieldViolation(path + "." + field + "[" + name + "]", message));
    }
}
