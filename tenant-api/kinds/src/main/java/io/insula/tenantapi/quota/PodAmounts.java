package io.insula.tenantapi.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Amounts;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import java.util.Set;
import java.util.TreeMap;

/// What a pod asks for as a whole: the greater of its containers' sum and of what any init container needs while it
/// runs
/// (each with the restartable init containers started before it), then pod-level resources, then overhead.
/// Source: kubernetes/component-helpers, `resource/helpers.go`.
final class PodAmounts {

    private static final Set<String> POD_LEVEL = Set.of("cpu", "memory");

    private PodAmounts() {}

    /// @param field `requests` or `limits`
    static Amounts of(JsonNode spec, String field) {
        Amounts total = ofContainers(new PodSpecView(spec), field);
        var levelled = new TreeMap<String, Quantity>(total.byName());
        Amounts.of(spec.path("resources").path(field)).byName().forEach((name, amount) -> {
            if (POD_LEVEL.contains(name) || name.startsWith("hugepages-")) {
                levelled.put(name, amount);
            }
        });
        var all = new Amounts(levelled);
        Amounts overhead = Amounts.of(spec.path("overhead"));
        return all.plus(
                field.equals("requests") ? overhead : overhead.only(all.byName().keySet()));
    }

    private static Amounts ofContainers(PodSpecView spec, String field) {
        Amounts running = Amounts.NONE;
        for (ContainerView container : spec.containers(Kind.ORDINARY)) {
            running = running.plus(own(container, field));
        }
        Amounts sidecars = Amounts.NONE;
        Amounts peak = Amounts.NONE;
        for (ContainerView container : spec.containers(Kind.INIT)) {
            Amounts own = own(container, field);
            if (container.isSidecar()) {
                running = running.plus(own);
                sidecars = sidecars.plus(own);
                peak = peak.max(sidecars);
            } else {
                peak = peak.max(sidecars.plus(own));
            }
        }
        return running.max(peak);
    }

    private static Amounts own(ContainerView container, String field) {
        return Amounts.of(container.resources().path(field));
    }
}
