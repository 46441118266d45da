package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.controllers.objects.Quantities;
import java.util.Map;
import java.util.TreeMap;

/// What a pod asks of a node, in thousandths of each resource's unit: the sum of its containers and sidecars, or more
/// if
/// an init container needs more, plus the overhead of its sandbox. Source: kubernetes, `component-helpers/resource`.
record PodRequest(Map<String, Long> milli) {

    PodRequest {
        milli = Map.copyOf(milli);
    }

    static PodRequest of(JsonNode pod) {
        JsonNode spec = pod.path("spec");
        var total = new TreeMap<String, Long>();
        spec.path("containers").forEach(c -> add(total, requests(c)));
        var sidecars = new TreeMap<String, Long>();
        var init = new TreeMap<String, Long>();
        for (JsonNode container : spec.path("initContainers")) {
            if (container.path("restartPolicy").asText().equals("Always")) {
                add(sidecars, requests(container));
                add(total, requests(container));
                max(init, sidecars);
            } else {
                var now = new TreeMap<>(sidecars);
                add(now, requests(container));
                max(init, now);
            }
        }
        max(total, init);
        spec.path("resources")
                .path("requests")
                .properties()
                .forEach(e -> total.put(e.getKey(), Quantities.milli(e.getValue())));
        add(total, spec.path("overhead"));
        return new PodRequest(total);
    }

    private static JsonNode requests(JsonNode container) {
        return container.path("resources").path("requests");
    }

    private static void add(Map<String, Long> sum, JsonNode quantities) {
        quantities.properties().forEach(e -> sum.merge(e.getKey(), Quantities.milli(e.getValue()), Long::sum));
    }

    private static void max(Map<String, Long> most, Map<String, Long> other) {
        other.forEach((name, value) -> most.merge(name, value, Math::max));
    }
}
