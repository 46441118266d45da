package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// A patch as received.
///
/// @param body an array for JSON patches, else an object
/// @param strictErrors what strict field validation objects to in the text itself
public record PatchRequest(Type type, JsonNode body, List<String> strictErrors) {

    public PatchRequest {
        strictErrors = List.copyOf(strictErrors);
    }

    /// The kinds of patches, by their media types.
    public enum Type {
        JSON("application/json-patch+json"),
        MERGE("application/merge-patch+json"),
        STRATEGIC("application/strategic-merge-patch+json"),
        APPLY("application/apply-patch+yaml");

        private final String mediaType;

        Type(String mediaType) {
            this.mediaType = mediaType;
        }

        public String mediaType() {
            return mediaType;
        }
    }
}
