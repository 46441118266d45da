package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.view.PodSpecView;
import java.util.ArrayList;
import java.util.List;

/// A pod's quality-of-service class, from the cpu and memory of its containers.
/// Source: kubernetes `pkg/apis/core/v1/helper/qos`.
public final class PodQos {

    private PodQos() {}

    /// `Guaranteed`, `Burstable` or `BestEffort`.
    public static String of(JsonNode spec) {
        if (!spec.path("resources").isEmpty()) {
            return ofResources(List.of(spec.path("resources")));
        }
        var all = new ArrayList<JsonNode>();
        new PodSpecView(spec).startedContainers().forEach(c -> all.add(c.resources()));
        return ofResources(all);
    }

    private static String ofResources(List<JsonNode> all) {
        boolean any = false;
        boolean guaranteed = true;
        for (JsonNode resources : all) {
            for (String name : List.of("cpu", "memory")) {
                String limit = resources.path("limits").path(name).asText("");
                String request = resources.path("requests").path(name).asText(limit);
                any |= isPositive(limit) || isPositive(request);
                guaranteed &= isPositive(limit) && equal(limit, request);
            }
        }
        if (!any) {
            return "BestEffort";
        }
        return guaranteed ? "Guaranteed" : "Burstable";
    }

    private static boolean isPositive(String quantity) {
        return Quantity.orZero(quantity).value().signum() > 0;
    }

    private static boolean equal(String a, String b) {
        return Quantity.parse(a).equals(Quantity.parse(b));
    }
}
