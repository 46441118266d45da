package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a pod's containers need together.
final class ResourceTotals {

    private ResourceTotals() {}

    /// Containers and restartable init containers (sidecars) run together; every other init container runs alone
    /// beside the sidecars that started before it. The larger of all is needed.
    ///
    /// Source: Kubernetes documentation, "Sidecar Containers", "Resource sharing within containers".
    ///
    /// @param amount of one resource; null counts as none
    static BigDecimal ofContainers(PodSpec spec, Function<Container, @Nullable Quantity> amount) {
        var sidecars = BigDecimal.ZERO;
        var starting = BigDecimal.ZERO;
        for (var container : spec.getInitContainers()) {
            var own = number(amount.apply(container));
            if (isSidecar(container)) {
                sidecars = sidecars.add(own);
                starting = starting.max(sidecars);
            } else {
                starting = starting.max(sidecars.add(own));
            }
        }
        return spec.getContainers().stream()
                .map(container -> number(amount.apply(container)))
                .reduce(sidecars, BigDecimal::add)
                .max(starting);
    }

    /// The most that the pod may use of `name`: its own limit, or else what its containers' limits come to.
    static BigDecimal limit(PodSpec spec, String name) {
        var whole = Amounts.given(ResourceRules.orEmpty(spec.getResources()).getLimits(), name);
        return whole != null
                ? whole.getNumericalAmount()
                : ofContainers(
                        spec,
                        container -> ResourceRules.orEmpty(container.getResources())
                                .getLimits()
                                .get(name));
    }

    /// What a node reserves for the pod, without its sandbox's overhead.
    static BigDecimal request(PodSpec spec, String name) {
        var whole = Amounts.given(ResourceRules.orEmpty(spec.getResources()).getRequests(), name);
        return whole != null
                ? whole.getNumericalAmount()
                : ofContainers(
                        spec,
                        container -> ResourceRules.orEmpty(container.getResources())
                                .getRequests()
                                .get(name));
    }

    static boolean isSidecar(Container initContainer) {
        return "Always".equals(initContainer.getRestartPolicy());
    }

    private static BigDecimal number(@Nullable Quantity quantity) {
        return quantity == null ? BigDecimal.ZERO : quantity.getNumericalAmount();
    }
}
