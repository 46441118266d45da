package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.apply.FieldManager;
import io.insula.tenantapi.registry.KindSchema.Tracking;
import io.insula.tenantapi.schema.SchemaType;
import org.jspecify.annotations.Nullable;

/// Field ownership of writes, for any schema.
public final class Tracked {

    private Tracked() {}

    /// Writes the managedFields of `wanted` in place.
    public static void update(SchemaType type, @Nullable ObjectNode live, ObjectNode wanted, Tracking tracking) {
        ObjectNode before = live == null ? Json.object() : live;
        ObjectNode tracked = FieldManager.update(tracking.operation(type), before, wanted);
        copyManagedFields(tracked, wanted);
    }

    /// Takes back changed times of managedFields where nothing else of the object changed.
    static void keepTimesIfUnchanged(ObjectNode live, ObjectNode wanted) {
        copyManagedFields(FieldManager.keepTimesIfUnchanged(live, wanted), wanted);
    }

    private static void copyManagedFields(ObjectNode from, ObjectNode to) {
        JsonNode fields = from.path("metadata").get("managedFields");
        if (fields == null) {
            Meta.of(to).remove("managedFields");
        } else {
            Meta.of(to).set("managedFields", fields);
        }
    }
}
