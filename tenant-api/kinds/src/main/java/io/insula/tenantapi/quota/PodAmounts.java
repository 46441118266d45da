package io.insula.tenantapi.quota;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.schema.Quantity;
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
        Amounts total = ofContainers(spec, field);
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

    private static Amounts ofContainers(JsonNode spec, String field) {
        Amounts running = Amounts.NONE;
        for (JsonNode container : spec.path("containers")) {
            running = running.plus(own(container, field));
        }
        Amounts sidecars = Amounts.NONE;
        Amounts peak = Amounts.NONE;
        for (JsonNode container : spec.path("initContainers")) {
            Amounts own = own(container, field);
            if (container.path("restartPolicy").asText("").equals("Always")) {
                running = running.plus(own);
                sidecars = sidecars.plus(own);
                peak = peak.max(sidecars);
            } else {
                peak = peak.max(sidecars.plus(own));
            }
        }
        return running.max(peak);
    }

    private static Amounts own(JsonNode container, String field) {
        return Amounts.of(container.path("resources").path(field));
    }
}
