package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.host.scheduler.ClusterImage.Placed;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.WorkloadView;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/// Which pods do the same as one: those of the same controller, and those behind all of its Services. Immutable.
///
/// Source: kubernetes, `pkg/scheduler/framework/plugins/helper`, `DefaultSelector`.
///
/// @param controller uid; empty for none
/// @param selector of the Services together; empty for none
record Siblings(String controller, Map<String, String> selector) {

    Siblings {
        selector = Map.copyOf(selector);
    }

    /// @param services of the pod's namespace
    static Siblings of(Placed pod, Collection<ObjectNode> services) {
        var selector = new HashMap<String, String>();
        for (ObjectNode service : services) {
            JsonNode wanted = WorkloadView.of(service).selector();
            if (!wanted.isEmpty() && LabelSelectors.matchesMap(wanted, pod.labels())) {
                wanted.properties()
                        .forEach(each ->
                                selector.put(each.getKey(), each.getValue().asText()));
            }
        }
        return new Siblings(pod.controllerUid(), selector);
    }

    boolean areAny() {
        return !controller.isEmpty() || !selector.isEmpty();
    }

    /// Of the same namespace.
    boolean has(Placed other) {
        return areAny()
                && (controller.isEmpty() || controller.equals(other.controllerUid()))
                && other.labels().entrySet().containsAll(selector.entrySet());
    }
}
