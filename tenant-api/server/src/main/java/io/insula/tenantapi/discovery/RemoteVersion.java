package io.insula.tenantapi.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.LinkedHashMap;
import java.util.List;

/// A group and version that another server serves, as that server's own legacy document tells of it.
///
/// @param priority of the group among others
/// @param versionPriority of the version within its group
/// @param fresh whether the document was read when it was last asked for
/// @param resources the APIResourceList; without `resources` where nothing is known
public record RemoteVersion(
        String group, String version, int priority, int versionPriority, boolean fresh, JsonNode resources) {

    /// The same in the aggregated form. Source: kubernetes/apiserver, `endpoints/discovery/aggregated`.
    ObjectNode aggregated() {
        ObjectNode entry = Json.object().put("version", version);
        var byName = new LinkedHashMap<String, ObjectNode>();
        ArrayNode list = Json.MAPPER.createArrayNode();
        for (JsonNode resource : resources.path("resources")) {
            String name = resource.path("name").asText("");
            int slash = name.indexOf('/');
            String parent = slash < 0 ? name : name.substring(0, slash);
            ObjectNode node = byName.computeIfAbsent(parent, key -> {
                ObjectNode made = list.addObject().put("resource", key);
                return made.put("scope", resource.path("namespaced").asBoolean() ? "Namespaced" : "Cluster");
            });
            if (slash < 0) {
                node.set("responseKind", kind(resource));
                node.put("singularResource", resource.path("singularName").asText(""));
                copy(resource, node, List.of("verbs", "shortNames", "categories"));
            } else {
                ObjectNode sub = node.withArrayProperty("subresources")
                        .addObject()
                        .put("subresource", name.substring(slash + 1));
                sub.set("responseKind", kind(resource));
                copy(resource, sub, List.of("verbs"));
            }
        }
        if (!list.isEmpty()) {
            entry.set("resources", list);
        }
        return entry.put("freshness", fresh ? "Current" : "Stale");
    }

    private ObjectNode kind(JsonNode resource) {
        return Json.object()
                .put("group", resource.path("group").asText(group))
                .put("version", resource.path("version").asText(version))
                .put("kind", resource.path("kind").asText(""));
    }

    private static void copy(JsonNode from, ObjectNode to, List<String> fields) {
        fields.stream().filter(from::has).forEach(field -> to.set(field, from.path(field)));
    }
}
