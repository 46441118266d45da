package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;

/// The one IsolationProfile in a file of YAML or JSON. Immutable.
record ProfileFile(String name, JsonNode spec) {

    /// @param file `-` for standard input
    /// @throws CommandException for a file that cannot be read, or has something else
    static ProfileFile read(String file) {
        var documents = ManifestFile.read(file);
        JsonNode document = documents.size() == 1 ? documents.getFirst() : Json.object();
        String name = document.at("/metadata/name").asText("");
        if (!document.path("kind").asText().equals("IsolationProfile")
                || name.isEmpty()
                || !document.path("spec").isObject()) {
            throw new CommandException(
                    file + ": is something else (expected: one IsolationProfile with metadata.name and spec)");
        }
        return new ProfileFile(name, document.path("spec"));
    }

    /// For the admin API.
    ObjectNode request() {
        ObjectNode request = Json.object();
        request.set("spec", spec);
        return request;
    }
}
