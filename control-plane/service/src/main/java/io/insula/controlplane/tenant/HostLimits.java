package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.LimitRangeItemBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.insula.isolation.LimitRanges;
import io.insula.isolation.LimitRanges.Range;
import io.insula.isolation.ProfileSettings;
import io.insula.isolation.Sandbox.Form;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;

/// The LimitRange of a tenant's host namespace. It is for all pods there, so it has what the loosest of the tenant's
/// profiles has; the tenant's admission and each profile's policy keep its own. Pure.
final class HostLimits {

    private static final Set<String> NAMES = Set.of("cpu", "memory");

    private HostLimits() {}

    /// Empty for none: where a profile has no limits, or makes machines, whose pods are KubeVirt's, with an estimate of
    /// its own in their limits.
    static List<LimitRangeItem> of(List<ProfileSettings> profiles) {
        if (profiles.stream().anyMatch(each -> each.sandbox().form() == Form.MACHINE)) {
            return List.of();
        }
        var items = new ArrayList<LimitRangeItem>();
        add(items, "Container", profiles, LimitRanges::container, _ -> BigDecimal.ZERO);
        add(items, "Pod", profiles, LimitRanges::pod, name -> overhead(profiles, name));
        return items;
    }

    /// A host that counts it with a pod must not refuse the pod for it; one that does not, lets pass that much more.
    private static BigDecimal overhead(List<ProfileSettings> profiles, String name) {
        return profiles.stream()
                .map(each -> name.equals("cpu")
                        ? each.overhead().cpu()
                        : each.overhead().memory())
                .map(Quantity::getNumericalAmount)
                .max(BigDecimal::compareTo)
                .orElse(BigDecimal.ZERO);
    }

    private static void add(
            List<LimitRangeItem> items,
            String type,
            List<ProfileSettings> profiles,
            Function<LimitRanges, Range> part,
            Function<String, BigDecimal> besides) {
        var ranges =
                profiles.stream().map(ProfileSettings::limitRange).map(part).toList();
        var min = loosest(ranges, Range::min, BigDecimal::min);
        var max = loosest(ranges, Range::max, BigDecimal::max);
        if (min.isEmpty() && max.isEmpty()) {
            return;
        }
        var item = new LimitRangeItemBuilder().withType(type).withMin(quantities(min));
        var most = new TreeMap<String, BigDecimal>();
        max.forEach((name, amount) -> most.put(name, amount.add(besides.apply(name))));
        item.withMax(quantities(most));
        if (type.equals("Container")) {
            // what an API server would fill in: what differs from this was changed by hand
            var requests = new LinkedHashMap<>(quantities(min));
            requests.putAll(quantities(max));
            item.withDefault(quantities(max)).withDefaultRequest(requests);
        }
        items.add(item.build());
    }

    /// Of each resource that all of them name.
    private static Map<String, BigDecimal> loosest(
            List<Range> ranges,
            Function<Range, Map<String, Quantity>> bound,
            BiFunction<BigDecimal, BigDecimal, BigDecimal> looser) {
        var found = new TreeMap<String, BigDecimal>();
        for (var name : NAMES) {
            if (ranges.stream().allMatch(range -> bound.apply(range).containsKey(name))) {
                ranges.stream()
                        .map(range -> bound.apply(range).get(name))
                        .map(Quantity::getNumericalAmount)
                        .reduce(looser::apply)
                        .ifPresent(amount -> found.put(name, amount));
            }
        }
        return found;
    }

    private static Map<String, Quantity> quantities(Map<String, BigDecimal> amounts) {
        var all = new LinkedHashMap<String, Quantity>();
        amounts.forEach((name, amount) -> all.put(name, new Quantity(amount.toPlainString())));
        return all;
    }
}
