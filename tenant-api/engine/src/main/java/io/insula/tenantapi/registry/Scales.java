package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.selector.LabelSelector;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The `scale` subresource: an autoscaling/v1 `Scale` seen through any object that declares it.
final class Scales {

    static final GroupVersionKind KIND = new GroupVersionKind("autoscaling", "v1", "Scale");

    private Scales() {}

    static ObjectNode of(StoredKind kind, JsonNode object) {
        ScalePaths paths = kind.scalePaths();
        ObjectNode scale = Json.object().put("kind", KIND.kind()).put("apiVersion", KIND.apiVersion());
        ObjectNode metadata = Meta.of(scale);
        for (String field : List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
            JsonNode value = object.path("metadata").get(field);
            if (value != null) {
                metadata.set(field, value);
            }
        }
        ObjectNode spec = scale.putObject("spec");
        int replicas = ScalePaths.read(object, paths.specReplicas()).asInt();
        if (replicas != 0) {
            spec.put("replicas", replicas);
        }
        ObjectNode status = scale.putObject("status");
        status.put("replicas", ScalePaths.read(object, paths.statusReplicas()).asInt());
        if (!paths.selector().isEmpty()) {
            String selector = selector(ScalePaths.read(object, paths.selector()));
            if (!selector.isEmpty()) {
                status.put("selector", selector);
            }
        }
        return scale;
    }

    /// `current` with the replicas of `scale`, carrying the scale's resourceVersion and uid for the checks to come.
    static ObjectNode apply(StoredKind kind, ObjectNode current, ObjectNode scale) {
        int replicas = scale.path("spec").path("replicas").asInt();
        if (replicas < 0) {
            throw ApiException.invalid(
                    KIND,
                    Meta.name(scale),
                    List.of(FieldError.invalid("spec.replicas", replicas, "must be greater than or equal to 0")));
        }
        ObjectNode wanted = current.deepCopy();
        ScalePaths.write(wanted, kind.scalePaths().specReplicas(), replicas);
        ObjectNode metadata = Meta.of(wanted);
        metadata.put("resourceVersion", Meta.resourceVersion(scale));
        if (!Meta.uid(scale).isEmpty()) {
            metadata.put("uid", Meta.uid(scale));
        }
        return wanted;
    }

    private static String selector(JsonNode node) {
        if (!node.isObject()) {
            return node.asText("");
        }
        if (node.has("matchLabels") || node.has("matchExpressions")) {
            return LabelSelector.of(node).toString();
        }
        Map<String, String> labels = new LinkedHashMap<>();
        node.properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
        return LabelSelector.ofMap(labels).toString();
    }
}
