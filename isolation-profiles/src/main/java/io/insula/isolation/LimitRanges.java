package io.insula.isolation;

import static io.insula.isolation.SpecErrors.wrong;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.isolation.ResourceMode.Burstable;
import io.insula.isolation.ResourceMode.Hard;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a container, and a pod as a whole, may ask for at least and at most of CPU and memory, as a LimitRange has
/// it: the request is not below `min`, the limit not above `max`. Judged is what the profile makes binding; the
/// sandbox's overhead is not the pod's and comes on top. Immutable.
///
/// Source: Kubernetes documentation, "Limit Ranges".
///
/// @param container of each one, init containers too
/// @param pod of all of them together
public record LimitRanges(Range container, Range pod) {

    private static final String FIELD = "limitRange";

    /// Amounts by `cpu` and `memory`; none where nothing is asked.
    public record Range(Map<String, Quantity> min, Map<String, Quantity> max) {
        static final Range ANY = new Range(Map.of(), Map.of());

        public Range {
            min = Map.copyOf(min);
            max = Map.copyOf(max);
        }

        public boolean isAny() {
            return min.isEmpty() && max.isEmpty();
        }
    }

    static final LimitRanges NONE = new LimitRanges(Range.ANY, Range.ANY);

    /// @throws IllegalArgumentException naming the field
    static LimitRanges read(@Nullable Object value, ResourceMode mode, Resources defaults) {
        if (value == null) {
            return NONE;
        }
        var tree = object(FIELD, value);
        known(FIELD, tree, List.of("container", "pod"));
        var ranges = new LimitRanges(range(tree, "container"), range(tree, "pod"));
        ranges.letDefaultsPass(mode, defaults);
        return ranges;
    }

    private static Range range(Map<?, ?> tree, String name) {
        if (tree.get(name) == null) {
            return Range.ANY;
        }
        var field = FIELD + "." + name;
        var own = object(field, tree.get(name));
        known(field, own, List.of("min", "max"));
        var range = new Range(amounts(field, own, "min"), amounts(field, own, "max"));
        range.min().forEach((each, least) -> {
            var most = range.max().get(each);
            if (most != null && number(least).compareTo(number(most)) > 0) {
                throw wrong(field + ".max." + each, String.valueOf(most), "at least min, " + least);
            }
        });
        return range;
    }

    private static Map<String, Quantity> amounts(String field, Map<?, ?> tree, String bound) {
        if (tree.get(bound) == null) {
            return Map.of();
        }
        var path = field + "." + bound;
        var own = object(path, tree.get(bound));
        known(path, own, ResourceRules.GOVERNED);
        var amounts = new TreeMap<String, Quantity>();
        own.forEach((name, amount) -> {
            var quantity = quantity(amount);
            if (quantity.isEmpty() || number(quantity.get()).signum() <= 0) {
                throw wrong(path + "." + name, String.valueOf(amount), "a quantity > 0");
            }
            amounts.put(String.valueOf(name), quantity.get());
        });
        return amounts;
    }

    private static Optional<Quantity> quantity(@Nullable Object amount) {
        try {
            return amount instanceof String || amount instanceof Number
                    ? Optional.of(new Quantity(amount.toString()))
                            .filter(each -> Quantities.read(each).isPresent())
                    : Optional.empty();
        } catch (IllegalArgumentException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /// A container that names nothing must not be refused for what the profile itself gives it.
    private void letDefaultsPass(ResourceMode mode, Resources defaults) {
        for (var name : ResourceRules.GOVERNED) {
            var request = defaults.amount(name);
            var limit = switch (mode) {
                case Hard() -> request;
                case Burstable(var ratio) -> Quantities.of(name, number(request).multiply(BigDecimal.valueOf(ratio)));
            };
            for (var range : Map.of("container", container, "pod", pod).entrySet()) {
                var field = FIELD + "." + range.getKey();
                var least = range.getValue().min().get(name);
                var most = range.getValue().max().get(name);
                if (most != null && number(most).compareTo(number(limit)) < 0) {
                    throw wrong(
                            field + ".max." + name,
                            String.valueOf(most),
                            "at least " + limit + ", which a container has by default");
                }
                if (least != null && number(least).compareTo(number(request)) > 0) {
                    throw wrong(
                            field + ".min." + name,
                            String.valueOf(least),
                            "at most " + request + ", which a container has by default");
                }
            }
        }
    }

    /// The first amount of a pod that is out of range.
    ///
    /// @param spec with enforced resources
    Optional<FieldViolation> check(PodSpec spec) {
        for (var located : PodFields.containers(spec)) {
            if (!located.path().startsWith("spec.ephemeralContainers")) {
                var refused = check(located.path() + ".resources", located.container());
                if (refused.isPresent()) {
                    return refused;
                }
            }
        }
        for (var name : ResourceRules.GOVERNED) {
            var refused = below("spec.resources", name, request(spec, name), pod, "a pod")
                    .or(() -> above("spec.resources", name, ResourceTotals.limit(spec, name), pod, "a pod"));
            if (refused.isPresent()) {
                return refused;
            }
        }
        return Optional.empty();
    }

    private Optional<FieldViolation> check(String path, Container own) {
        var resources = ResourceRules.orEmpty(own.getResources());
        for (var name : ResourceRules.GOVERNED) {
            var refused = below(path, name, amount(resources.getRequests(), name), container, "a container")
                    .or(() -> above(path, name, amount(resources.getLimits(), name), container, "a container"));
            if (refused.isPresent()) {
                return refused;
            }
        }
        return Optional.empty();
    }

    private static BigDecimal request(PodSpec spec, String name) {
        var whole = ResourceRules.orEmpty(spec.getResources()).getRequests().get(name);
        return whole == null ? ResourceTotals.requestOfContainers(spec, name) : number(whole);
    }

    private static Optional<FieldViolation> below(
            String path, String name, BigDecimal request, Range range, String whose) {
        var least = range.min().get(name);
        return least == null || request.compareTo(number(least)) >= 0
                ? Optional.empty()
                : Optional.of(new FieldViolation(
                        path + ".requests[" + name + "]",
                        "is " + Quantities.of(name, request) + ", and the isolation profile gives " + whose
                                + " at least " + least));
    }

    private static Optional<FieldViolation> above(
            String path, String name, BigDecimal limit, Range range, String whose) {
        var most = range.max().get(name);
        return most == null || limit.compareTo(number(most)) <= 0
                ? Optional.empty()
                : Optional.of(new FieldViolation(
                        path + ".limits[" + name + "]",
                        "is " + Quantities.of(name, limit) + ", and the isolation profile gives " + whose + " at most "
                                + most));
    }

    /// What the host's policy can say of a pod: expressions cannot add up its containers, which the LimitRange of the
    /// namespace does.
    List<HostRule> ofPods() {
        var rules = new ArrayList<HostRule>();
        new TreeMap<>(container.min())
                .forEach((name, least) -> rules.add(HostRule.of(
                        "spec.containers.resources.requests." + name,
                        "the isolation profile gives a container at least " + least,
                        "variables.running.all(c, " + amount("c", "requests", name) + ".compareTo(quantity("
                                + Cel.text(least.toString()) + ")) >= 0)")));
        new TreeMap<>(container.max())
                .forEach((name, most) -> rules.add(HostRule.of(
                        "spec.containers.resources.limits." + name,
                        "the isolation profile gives a container at most " + most,
                        "variables.running.all(c, " + amount("c", "limits", name) + ".compareTo(quantity("
                                + Cel.text(most.toString()) + ")) <= 0)")));
        return rules;
    }

    /// And of a machine, which reserves what its containers do and the overhead.
    List<HostRule> ofMachines(Resources overhead) {
        var rules = new ArrayList<HostRule>();
        new TreeMap<>(pod.max()).forEach((name, most) -> {
            var whole = Quantities.of(name, number(most).add(number(overhead.amount(name))));
            rules.add(HostRule.of(
                    "spec.domain.resources.limits." + name,
                    "the isolation profile gives a machine at most " + whole + ", its overhead included",
                    amount("variables.domain", "limits", name) + ".compareTo(quantity(" + Cel.text(whole.toString())
                            + ")) <= 0"));
        });
        return rules;
    }

    private static String amount(String of, String field, String name) {
        return "quantity(string(" + of + ".?resources." + field + "[?" + Cel.text(name) + "].orValue(\"0\")))";
    }

    private static BigDecimal amount(Map<String, Quantity> amounts, String name) {
        var amount = amounts.get(name);
        return amount == null ? BigDecimal.ZERO : number(amount);
    }

    private static BigDecimal number(Quantity quantity) {
        return quantity.getNumericalAmount();
    }

    private static Map<?, ?> object(String field, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw wrong(field, String.valueOf(value), "an object");
    }

    private static void known(String field, Map<?, ?> tree, List<String> names) {
        for (var name : tree.keySet()) {
            if (!names.contains(String.valueOf(name))) {
                throw wrong(field, String.valueOf(name), "of " + String.join(", ", names));
            }
        }
    }
}
