package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.patch.JsonPatch;
import io.insula.tenantapi.patch.MergePatch;
import io.insula.tenantapi.patch.PatchException;

/// Patches that need no schema, with their failures as answers.
final class JsonPatches {

    private JsonPatches() {}

    static ObjectNode merge(ObjectNode view, JsonNode patch) {
        if (!(patch instanceof ObjectNode object)) {
            throw ApiException.badRequest("error decoding patch: expected an object");
        }
        try {
            return MergePatch.apply(view, object);
        } catch (PatchException e) {
            throw e.toApi();
        }
    }

    static ObjectNode operations(ObjectNode view, JsonNode patch) {
        if (!(patch instanceof ArrayNode operations)) {
            throw ApiException.badRequest("error decoding patch: expected an array of operations");
        }
        try {
            return JsonPatch.apply(view, operations);
        } catch (PatchException e) {
            throw e.toApi();
        }
    }
}
