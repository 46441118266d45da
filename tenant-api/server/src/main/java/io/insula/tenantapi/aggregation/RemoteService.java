package io.insula.tenantapi.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;

/// A group and version that another server serves. Immutable.
///
/// @param caBundle PEM in base64, as the APIService has it; empty for the platform's authorities
/// @param available whether it answered when it was last asked
/// @param resources the APIResourceList that it last told; without `resources` where it never has
public record RemoteService(
        String name,
        String group,
        String version,
        int groupPriority,
        int versionPriority,
        Place place,
        String caBundle,
        boolean insecure,
        boolean available,
        ObjectNode resources) {

    /// A port of a Service.
    record Place(String namespace, String service, int port) {

        /// As its certificate must have it.
        String host() {
            return service + "." + namespace + ".svc";
        }
    }

    /// Not asked yet.
    static RemoteService of(JsonNode apiService) {
        JsonNode spec = apiService.path("spec");
        JsonNode service = spec.path("service");
        return new RemoteService(
                Meta.name(apiService),
                spec.path("group").asText(),
                spec.path("version").asText(),
                spec.path("groupPriorityMinimum").asInt(),
                spec.path("versionPriority").asInt(),
                new Place(
                        service.path("namespace").asText(),
                        service.path("name").asText(),
                        service.path("port").asInt(443)),
                spec.path("caBundle").asText(""),
                spec.path("insecureSkipTLSVerify").asBoolean(),
                false,
                Json.object());
    }

    /// With what a look, this one or an earlier one, has found.
    RemoteService knowing(boolean answered, ObjectNode list) {
        return new RemoteService(
                name, group, version, groupPriority, versionPriority, place, caBundle, insecure, answered, list);
    }
}
