package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a create answers.
///
/// @param object as stored (or as it would be, on a dry run); of a review or subresource what it answers
/// @param text the object in JSON as [ObjectStore#text] answers it; null where it has to be encoded
public record Created(ObjectNode object, byte @Nullable [] text) {

    static Created unstored(ObjectNode object) {
        return new Created(object, null);
    }

    /// The object's text, where it is at hand.
    public Optional<byte[]> asText() {
        return Optional.ofNullable(text);
    }
}
