package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.ports.ObjectClient.ResourceInfo;
import io.insula.tenantapi.view.WorkloadView;
import java.util.Optional;

/// Finds what can be scaled behind a reference of any kind, custom ones included. Stateless; reads live.
public record Workloads(ObjectClient client) {

    /// A scalable object as its `scale` subresource would show it.
    ///
    /// @param replicas wanted
    /// @param current observed
    /// @param selector a `LabelSelector` tree, or the text form where a custom resource keeps that
    public record Scalable(
            GroupVersionResource resource, ObjectNode object, int replicas, int current, JsonNode selector) {}

    /// Empty where there is no such object or it cannot be scaled.
    public Optional<Scalable> find(String apiVersion, String kind, String namespace, String name) {
        return resource(apiVersion, kind)
                .flatMap(info -> client.get(info.resource(), namespace, name)
                        .flatMap(object -> scalable(info.resource(), object)));
    }

    private Optional<ResourceInfo> resource(String apiVersion, String kind) {
        String group = apiVersion.contains("/") ? apiVersion.substring(0, apiVersion.indexOf('/')) : "";
        return client.resources().stream()
                .filter(info ->
                        info.resource().group().equals(group) && info.kind().equals(kind))
                .findFirst();
    }

    private Optional<Scalable> scalable(GroupVersionResource resource, ObjectNode object) {
        boolean builtIn = resource.group().equals("apps") || resource.group().isEmpty();
        if (builtIn) {
            if (!object.path("spec").path("replicas").isNumber()) {
                return Optional.empty();
            }
            JsonNode selector = WorkloadView.of(object).selector();
            if (resource.equals(Resources.REPLICATION_CONTROLLERS)) {
                ObjectNode plain = Json.object();
                plain.set("matchLabels", selector);
                selector = plain;
            }
            return Optional.of(new Scalable(
                    resource,
                    object,
                    object.path("spec").path("replicas").asInt(),
                    object.path("status").path("replicas").asInt(),
                    selector));
        }
        return scalePaths(resource)
                .map(paths -> new Scalable(
                        resource,
                        object,
                        at(object, paths.path("specReplicasPath")).asInt(),
                        at(object, paths.path("statusReplicasPath")).asInt(),
                        at(object, paths.path("labelSelectorPath"))));
    }

    private Optional<JsonNode> scalePaths(GroupVersionResource resource) {
        String definition = resource.resource() + "." + resource.group();
        return client.list(Resources.CUSTOM_RESOURCE_DEFINITIONS, "", Query.ALL).items().stream()
                .filter(crd -> Meta.name(crd).equals(definition))
                .flatMap(crd -> crd.path("spec").path("versions").valueStream())
                .filter(version -> version.path("name").asText().equals(resource.version()))
                .map(version -> version.path("subresources").path("scale"))
                .filter(JsonNode::isObject)
                .findFirst();
    }

    private static JsonNode at(JsonNode object, JsonNode path) {
        String text = path.asText("");
        return text.isEmpty() ? Json.object().path("none") : object.at(text.replace('.', '/'));
    }
}
