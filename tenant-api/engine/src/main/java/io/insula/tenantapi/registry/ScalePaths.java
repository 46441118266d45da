package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.view.WorkloadView;
import java.util.List;

/// Where an object keeps what its `scale` subresource shows. Paths are field names from the object's root.
///
/// @param selector the label selector: a `LabelSelector`, a plain map or its text form; empty for none
public record ScalePaths(List<String> specReplicas, List<String> statusReplicas, List<String> selector) {

    /// As apps/v1 has it.
    public static final ScalePaths DEFAULT = new ScalePaths(
            List.of("spec", "replicas"), List.of("status", "replicas"), List.of("spec", WorkloadView.SELECTOR));

    public ScalePaths {
        specReplicas = List.copyOf(specReplicas);
        statusReplicas = List.copyOf(statusReplicas);
        selector = List.copyOf(selector);
    }

    static JsonNode read(JsonNode object, List<String> path) {
        JsonNode node = object;
        for (String field : path) {
            node = node.path(field);
        }
        return node;
    }

    static void write(ObjectNode object, List<String> path, int value) {
        ObjectNode node = object;
        for (String field : path.subList(0, path.size() - 1)) {
            node = node.withObjectProperty(field);
        }
        node.put(path.getLast(), value);
    }
}
