package io.insula.tenantapi.aggregation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import org.jspecify.annotations.Nullable;

/// A group and version that another server serves. Immutable.
///
/// @param caBundle PEM in base64, as the APIService has it; empty for the platform's authorities
/// @param told what it told when it was last asked
public record RemoteService(
        String name,
        String group,
        String version,
        int groupPriority,
        int versionPriority,
        Place place,
        String caBundle,
        boolean insecure,
        Told told) {

    /// A port of a Service.
    record Place(String namespace, String service, int port) {

        /// As its certificate must have it.
        String host() {
            return service + "." + namespace + ".svc";
        }
    }

    /// What a server behind has told of itself.
    ///
    /// @param available whether it answered when it was last asked
    /// @param resources the APIResourceList that it last told; without `resources` where it never has
    /// @param documents of OpenAPI, that it last told
    public record Told(boolean available, ObjectNode resources, RemoteDocuments documents) {

        static final Told NOTHING = new Told(false, Json.object(), RemoteDocuments.NONE);

        Told answering(ObjectNode list) {
            return new Told(true, list, documents);
        }

        Told silent() {
            return new Told(false, resources, documents);
        }

        Told with(RemoteDocuments others) {
            return new Told(available, resources, others);
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
                Told.NOTHING);
    }

    /// With what it told under the same name, if it is the same server.
    RemoteService knowing(@Nullable RemoteService before) {
        if (before == null || !before.place().equals(place)) {
            return this;
        }
        return before.caBundle().equals(caBundle) && before.insecure() == insecure ? with(before.told()) : this;
    }

    RemoteService with(Told other) {
        return new RemoteService(
                name, group, version, groupPriority, versionPriority, place, caBundle, insecure, other);
    }

    /// Below what it serves: `apis/{group}/{version}`.
    public String root() {
        return "apis/" + group + "/" + version;
    }
}
