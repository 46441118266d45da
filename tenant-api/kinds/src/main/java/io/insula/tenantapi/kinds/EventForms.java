package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.Map;

/// The two forms of an event: core `v1` (as stored) and `events.k8s.io/v1`. Nothing is lost either way.
/// Source: kubernetes `pkg/apis/events/v1/conversion.go`.
public final class EventForms {

    /// Core name → events.k8s.io name, where they differ.
    private static final Map<String, String> NAMES = Map.of(
            "involvedObject", "regarding",
            "message", "note",
            "source", "deprecatedSource",
            "firstTimestamp", "deprecatedFirstTimestamp",
            "lastTimestamp", "deprecatedLastTimestamp",
            "count", "deprecatedCount",
            "reportingComponent", "reportingController");

    private EventForms() {}

    /// A copy in the form of events.k8s.io/v1.
    public static ObjectNode toEvents(JsonNode core) {
        ObjectNode event = Json.object();
        core.properties()
                .forEach(e -> event.set(
                        NAMES.getOrDefault(e.getKey(), e.getKey()), e.getValue().deepCopy()));
        return event.put("apiVersion", "events.k8s.io/v1").put("kind", "Event");
    }

    /// A copy in the core form.
    public static ObjectNode toCore(JsonNode event) {
        ObjectNode core = Json.object();
        event.properties()
                .forEach(e -> core.set(coreName(e.getKey()), e.getValue().deepCopy()));
        return core.put("apiVersion", "v1").put("kind", "Event");
    }

    private static String coreName(String name) {
        return NAMES.entrySet().stream()
                .filter(e -> e.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(name);
    }
}
