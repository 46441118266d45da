package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.apply.FieldManager;
import io.insula.tenantapi.apply.FieldSet;
import io.insula.tenantapi.schema.SchemaType;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the engine asks the schema of one kind, built-in (the API description) or custom (a structural schema).
/// Stateless.
public interface KindSchema {

    /// Of a whole object.
    SchemaType type();

    /// Removes fields that the schema does not know and answers their paths (`spec.x`), in the object's order.
    ///
    /// @throws io.insula.tenantapi.api.ApiException (400) when a value has a type that cannot be decoded
    List<String> decode(ObjectNode object);

    /// Fills the schema's defaults where fields are absent.
    void applyDefaults(ObjectNode object);

    /// Writes what upstream's `status` always has, even while nothing is known; custom kinds have nothing like it.
    default void completeStatus(ObjectNode object) {}

    /// What the schema itself objects to (custom kinds); empty for built-in kinds, which validate by code.
    ///
    /// @param old the object that this one replaces; null for a new one
    /// @param warnings gets what is tolerated because it was wrong before
    List<FieldError> validate(JsonNode object, @Nullable JsonNode old, List<String> warnings);

    /// @throws io.insula.tenantapi.api.ApiException when the patch cannot be applied
    ObjectNode strategicMerge(ObjectNode current, JsonNode patch);

    /// Writes `metadata.managedFields` of `wanted` for a write other than apply.
    void trackUpdate(@Nullable ObjectNode live, ObjectNode wanted, Tracking tracking);

    /// Server-side apply: merges `applied` into `live` and answers the new object with its managedFields.
    ///
    /// @param live null where there is none yet
    /// @throws io.insula.tenantapi.api.ApiException (409) when another manager owns what is applied and not forced
    ObjectNode apply(@Nullable ObjectNode live, ObjectNode applied, Tracking tracking, boolean force);

    /// @param manager of the fields
    /// @param subresource empty for the main resource
    /// @param ignored what this endpoint does not take, e.g. `status` of a main resource
    record Tracking(String manager, String apiVersion, String subresource, Instant now, FieldSet ignored) {

        /// The same as the field manager has it.
        public FieldManager.Operation operation(SchemaType type) {
            return new FieldManager.Operation(type, manager, subresource, apiVersion, now, ignored);
        }
    }

    /// Finds the schema of a kind, or of what a subresource takes (Scale, Eviction …).
    interface Lookup {
        KindSchema of(ResourceKind kind);

        KindSchema of(GroupVersionKind kind);
    }
}
