package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.PodTotal;
import io.insula.rules.resources.PodTotal.Part;
import io.insula.rules.resources.PodTotal.Role;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What a typed pod's containers need together; how it is reckoned, [PodTotal] says.
final class ResourceTotals {

    private ResourceTotals() {}

    /// The most that the pod may use of `name`: its own limit, or else what its containers' limits come to.
    static BigDecimal limit(PodSpec spec, String name) {
        var whole = amounts(ResourceRules.orEmpty(spec.getResources()).getLimits());
        var given = whole.only(whole.positive());
        return PodTotal.limits(parts(spec, ResourceRequirements::getLimits), given, Amounts.NONE)
                .get(name)
                .value();
    }

    /// What the containers request, whatever the pod itself does.
    static BigDecimal requestOfContainers(PodSpec spec, String name) {
        return PodTotal.ofContainers(parts(spec, ResourceRequirements::getRequests))
                .get(name)
                .value();
    }

    /// @param field the requests or the limits
    static List<Part> parts(PodSpec spec, Function<ResourceRequirements, Map<String, Quantity>> field) {
        var parts = new ArrayList<Part>();
        for (var container : spec.getInitContainers()) {
            parts.add(part(isSidecar(container) ? Role.SIDECAR : Role.INIT, container, field));
        }
        for (var container : spec.getContainers()) {
            parts.add(part(Role.MAIN, container, field));
        }
        return parts;
    }

    static Amounts amounts(Map<String, Quantity> quantities) {
        var texts = new LinkedHashMap<String, String>();
        quantities.forEach((name, quantity) -> texts.put(name, quantity.toString()));
        return Amounts.ofTexts(texts);
    }

    static boolean isSidecar(Container initContainer) {
        return "Always".equals(initContainer.getRestartPolicy());
    }

    private static Part part(
            Role role, Container container, Function<ResourceRequirements, Map<String, Quantity>> field) {
        return new Part(role, amounts(field.apply(ResourceRules.orEmpty(container.getResources()))));
    }
}
