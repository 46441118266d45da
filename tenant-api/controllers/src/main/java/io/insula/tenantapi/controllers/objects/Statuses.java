package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;

/// The `status` of objects.
public final class Statuses {

    private Statuses() {}

    /// The status tree of an object, made where absent.
    public static ObjectNode of(ObjectNode object) {
        return object.get("status") instanceof ObjectNode status ? status : object.putObject("status");
    }

    /// A status patch as it goes to the `status` subresource.
    public static ObjectNode patch(JsonNode status) {
        ObjectNode patch = Json.object();
        patch.set("status", status);
        return patch;
    }
}
