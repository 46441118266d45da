package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.view.ContainerView;
import io.insula.tenantapi.view.ContainerView.Kind;
import io.insula.tenantapi.view.PodSpecView;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a pod asks for as a whole: the greater of its containers' sum (with restartable init containers) and what any
/// init container needs while it runs, plus overhead. Source: kubernetes/component-helpers, `resource.PodRequests`.
final class PodResources {

    private PodResources() {}

    /// `{requests, limits}` in the shape of a container's resources.
    static ObjectNode total(JsonNode spec) {
        ObjectNode total = Json.object();
        for (String field : new String[] {"requests", "limits"}) {
            ObjectNode target = total.putObject(field);
            sums(spec, field).forEach((name, sum) -> target.put(name, Quantities.format(sum.amount(), sum.example())));
        }
        return total;
    }

    /// @param field `requests` or `limits`
    static Map<String, Sum> sums(JsonNode spec, String field) {
        var running = new LinkedHashMap<String, Sum>();
        var pod = new PodSpecView(spec);
        for (ContainerView container : pod.containers(Kind.ORDINARY)) {
            add(running, container.resources().path(field));
        }
        var sidecars = new LinkedHashMap<String, Sum>();
        var peak = new LinkedHashMap<String, Sum>();
        for (ContainerView container : pod.containers(Kind.INIT)) {
            JsonNode own = container.resources().path(field);
            if (container.isSidecar()) {
                add(running, own);
                add(sidecars, own);
                sidecars.forEach((name, sum) -> peak.merge(name, sum, Sum::max));
            } else {
                var now = new LinkedHashMap<>(sidecars);
                add(now, own);
                now.forEach((name, sum) -> peak.merge(name, sum, Sum::max));
            }
        }
        peak.forEach((name, sum) -> running.merge(name, sum, Sum::max));
        JsonNode overhead = pod.overhead();
        if (field.equals("requests")) {
            add(running, overhead);
        } else {
            overhead.properties().stream()
                    .filter(entry -> running.containsKey(entry.getKey()))
                    .forEach(entry -> running.merge(entry.getKey(), Sum.of(entry.getValue()), Sum::plus));
        }
        return running;
    }

    private static void add(Map<String, Sum> sums, JsonNode amounts) {
        amounts.properties().forEach(entry -> sums.merge(entry.getKey(), Sum.of(entry.getValue()), Sum::plus));
    }

    /// @param example a text of the family to show the sum in
    record Sum(BigDecimal amount, String example) {

        static Sum of(JsonNode quantity) {
            return new Sum(Quantities.parse(quantity), quantity.asText());
        }

        Sum plus(Sum other) {
            return new Sum(amount.add(other.amount), example);
        }

        Sum max(Sum other) {
            return amount.compareTo(other.amount) >= 0 ? this : other;
        }
    }
}
