package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.controllers.objects.Quantities;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import io.insula.tenantapi.view.PodView;
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
        PodSpecView spec = PodView.of(pod).spec();
        var total = new TreeMap<String, Long>();
        spec.containers(Kind.ORDINARY).forEach(c -> add(total, c.requests()));
        var sidecars = new TreeMap<String, Long>();
        var init = new TreeMap<String, Long>();
        for (ContainerView container : spec.containers(Kind.INIT)) {
            if (container.isSidecar()) {
                add(sidecars, container.requests());
                add(total, container.requests());
                max(init, sidecars);
            } else {
                var now = new TreeMap<>(sidecars);
                add(now, container.requests());
                max(init, now);
            }
        }
        max(total, init);
        spec.resources()
                .path("requests")
                .properties()
                .forEach(e -> total.put(e.getKey(), Quantities.milli(e.getValue())));
        add(total, spec.overhead());
        return new PodRequest(total);
    }

    private static void add(Map<String, Long> sum, JsonNode quantities) {
        quantities.properties().forEach(e -> sum.merge(e.getKey(), Quantities.milli(e.getValue()), Long::sum));
    }

    private static void max(Map<String, Long> most, Map<String, Long> other) {
        other.forEach((name, value) -> most.merge(name, value, Math::max));
    }
}
