package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.objects.MergePatches;
import io.insula.tenantapi.ports.ObjectClient;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Writes the status of one resource's objects, and only what changes in it: a status has one writer, but conditions of
/// others may be in it.
public record StatusWriter(ObjectClient client, GroupVersionResource resource) {

    /// Makes `status` the object's status; an object that is gone needs none.
    ///
    /// @return whether something was written
    public boolean write(ObjectNode object, ObjectNode status) {
        ObjectNode patch = Json.object();
        patch.putObject("metadata").put("uid", Meta.uid(object));
        return write(object, status, patch);
    }

    /// The same, refused with a conflict where somebody else has written the object since it was read.
    public boolean writeAsRead(ObjectNode object, ObjectNode status) {
        return write(object, status, MergePatches.asRead(object));
    }

    /// The status of an object, a copy; empty where there is none.
    public static ObjectNode statusOf(ObjectNode object) {
        return object.path("status") instanceof ObjectNode status ? status.deepCopy() : Json.object();
    }

    /// Sets a count, or leaves it out where it is zero, as upstream's `omitempty` does.
    public static void count(ObjectNode status, String field, long value) {
        if (value == 0) {
            status.remove(field);
        } else {
            status.set(field, Json.number(value));
        }
    }

    /// To the second, as objects carry times.
    public static Instant seconds(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS);
    }

    /// @param patch that changes nothing yet
    private boolean write(ObjectNode object, ObjectNode status, ObjectNode patch) {
        ObjectNode change = MergePatches.between(object.path("status"), status);
        if (change.isEmpty()) {
            return false;
        }
        patch.set("status", change);
        try {
            client.mergePatch(resource, Meta.namespace(object), Meta.name(object), "status", patch);
            return true;
        } catch (ApiException e) {
            if (e.is("NotFound")) {
                return false;
            }
            throw e;
        }
    }
}
