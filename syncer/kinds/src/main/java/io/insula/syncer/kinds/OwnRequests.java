package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import io.insula.syncer.engine.InsulaLabels;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What containers request by the tenant's word, for those who ask the downward API: an isolation profile may have
/// raised it on the host. What the tenant has not said, and limits, are as the host has them: they bind there. Pure.
///
/// Source: Kubernetes documentation, "Downward API", "Information available via container fields".
final class OwnRequests {

    private static final String REQUESTS = "requests.";

    private OwnRequests() {}

    /// @param own name of the container that asks, where the selector names none
    /// @return empty for what is the host's to say
    static Optional<String> value(ResourceFieldSelector selector, String own, Pod tenant) {
        String resource = selector.getResource() == null ? "" : selector.getResource();
        String name = isEmpty(selector.getContainerName()) ? own : selector.getContainerName();
        if (!resource.startsWith(REQUESTS)) {
            return Optional.empty();
        }
        return containers(tenant)
                .filter(container -> container.getName().equals(name) && container.getResources() != null)
                .flatMap(container -> Stream.ofNullable(
                        container.getResources().getRequests().get(resource.substring(REQUESTS.length()))))
                .findFirst()
                .map(amount -> divided(amount, selector.getDivisor()));
    }

    /// The annotation of the host pod that holds [#value] of an item of a volume; empty where the host says it.
    static Optional<String> annotation(ResourceFieldSelector selector, Pod tenant) {
        List<String> names = containers(tenant).map(Container::getName).toList();
        return value(selector, "", tenant)
                .map(_ ->
                        InsulaLabels.PREFIX + selector.getResource() + "." + names.indexOf(selector.getContainerName())
                                + "." + (selector.getDivisor() == null ? "1" : selector.getDivisor()));
    }

    /// All such annotations with their values.
    static Map<String, String> mounted(Pod tenant) {
        var mounted = new LinkedHashMap<String, String>();
        DownwardFields.items(tenant)
                .flatMap(item -> Stream.ofNullable(item.getResourceFieldRef()))
                .forEach(selector -> annotation(selector, tenant)
                        .ifPresent(key ->
                                mounted.put(key, value(selector, "", tenant).orElseThrow())));
        return mounted;
    }

    private static Stream<Container> containers(Pod tenant) {
        return Stream.concat(tenant.getSpec().getContainers().stream(), tenant.getSpec().getInitContainers().stream());
    }

    private static String divided(Quantity amount, @Nullable Quantity divisor) {
        BigDecimal by = divisor == null ? BigDecimal.ZERO : divisor.getNumericalAmount();
        return amount.getNumericalAmount()
                .divide(by.signum() == 0 ? BigDecimal.ONE : by, 0, RoundingMode.CEILING)
                .toPlainString();
    }

    private static boolean isEmpty(@Nullable String text) {
        return text == null || text.isEmpty();
    }
}
