package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.schema.JsonValues;
import io.insula.tenantapi.schema.SchemaType;
import java.time.Instant;

/// Keeps `metadata.managedFields` through every write, and merges server-side apply. Pure: arguments are left
/// alone, results are new trees, but may have parts in common with the arguments. Source: kubernetes/apimachinery,
/// `util/managedfields`.
///
/// The engine calls [#update] on the object that is to be stored after create, PUT and every patch but apply, and
/// [#apply] for `application/apply-patch+yaml`, whose result it then decodes, defaults, admits and validates like
/// the body of a PUT (with [#update] run again after mutating admission).
public final class FieldManager {

    private static final String SELF = "current-operation";
    private static final String BEFORE_FIRST = "before-first-apply";
    private static final FieldSet NEVER_OWNED = FieldSet.of(
            "apiVersion",
            "kind",
            "metadata",
            "metadata.name",
            "metadata.namespace",
            "metadata.creationTimestamp",
            "metadata.selfLink",
            "metadata.uid",
            "metadata.clusterName",
            "metadata.generation",
            "metadata.managedFields",
            "metadata.resourceVersion");

    private FieldManager() {}

    /// One write.
    ///
    /// @param type of the kind in the version of the request; [SchemaType#ANY] for a kind without schema
    /// @param manager the `fieldManager` parameter, or the user agent up to the first `/`
    /// @param subresource empty for the main resource
    /// @param apiVersion of the request
    /// @param resetFields what this endpoint ignores, e.g. `FieldSet.of("status")` for the main resource of a
    ///     kind with status
    public record Operation(
            SchemaType type, String manager, String subresource, String apiVersion, Instant now, FieldSet resetFields) {

        private Ownership ownership() {
            return new Ownership(type, resetFields);
        }

        private String time() {
            return Meta.timestamp(now);
        }
    }

    /// The object after a write that is no apply, with its managedFields. Entries whose fields did not change
    /// keep their time. `managedFields: []` or `[{}]` in `after` forgets all owners; other entries that a client
    /// sends for the main resource replace the stored ones. Where ownership cannot be worked out, the stored
    /// entries stay.
    ///
    /// @param before as stored; an empty object when it is created
    /// @param after what is to be stored, complete
    public static ObjectNode update(Operation operation, ObjectNode before, ObjectNode after) {
        ManagedFields managed = liveOrNew(operation, before, after);
        ObjectNode live = viewWithoutManagedFields(before);
        ObjectNode wanted = viewWithoutManagedFields(after);
        boolean isCreate = Meta.uid(before).isEmpty();
        if (!managed.isEmpty() || isCreate) {
            try {
                recordUpdate(operation, operation.manager(), live, wanted, managed);
            } catch (TypedException _) {
                managed = ManagedFields.ofOrEmpty(before);
            }
        }
        managed.writeTo(wanted);
        return wanted;
    }

    /// The live object with `applied` merged into it. What the manager applied last time and does not any more is
    /// gone, unless others own it.
    ///
    /// @param live as stored; an empty object when it is created
    /// @param applied the configuration as sent: not defaulted, unknown fields in place
    /// @throws ApiException 409 when others own fields that would change, unless `force`; 400 for a body of another
    ///     version or with managedFields; 500 as upstream for a body that does not fit the schema
    public static ObjectNode apply(Operation operation, ObjectNode live, ObjectNode applied, boolean force) {
        checkApplied(operation, applied);
        ManagedFields managed = decode(live);
        ObjectNode stored = withoutManagedFields(live);
        checkTyped(operation, applied, "patch", false);
        checkTyped(operation, stored, "live", true);
        if (managed.isEmpty()) {
            recordUpdate(operation, BEFORE_FIRST, Json.object(), stored, managed);
        }
        ObjectNode merged = merge(operation, stored, applied, managed, force);
        managed.writeTo(merged);
        if (operation.manager().equals(LastApplied.KUBECTL) && LastApplied.isIn(merged)) {
            LastApplied.update(merged, applied);
        }
        return merged;
    }

    /// Undoes changes of managedFields where nothing else changed than their times, so that a write that changes
    /// nothing is one. Source: kubernetes/apiserver, `endpoints/handlers/fieldmanager/equality.go`.
    ///
    /// @return `after`, or a copy with the entries of `before`
    public static ObjectNode keepTimesIfUnchanged(ObjectNode before, ObjectNode after) {
        if (!JsonValues.same(viewWithoutManagedFields(before), viewWithoutManagedFields(after))
                || !JsonValues.same(entriesWithoutTimes(before), entriesWithoutTimes(after))) {
            return after;
        }
        ObjectNode kept = after.deepCopy();
        JsonNode entries = before.path("metadata").path("managedFields");
        if (entries.isArray()) {
            Meta.of(kept).set("managedFields", entries.deepCopy());
        }
        return kept;
    }

    private static JsonNode entriesWithoutTimes(ObjectNode object) {
        JsonNode entries = object.path("metadata").path("managedFields");
        if (!entries.isArray()) {
            return entries;
        }
        ArrayNode copies = Json.MAPPER.createArrayNode();
        for (JsonNode entry : entries) {
            ObjectNode copy = Json.object();
            copy.setAll((ObjectNode) entry);
            copy.remove("time");
            copies.add(copy);
        }
        return copies;
    }

    private static ManagedFields liveOrNew(Operation operation, ObjectNode before, ObjectNode after) {
        if (!operation.subresource().isEmpty()) {
            return ManagedFields.ofOrEmpty(before);
        }
        if (ManagedFields.isReset(after)) {
            return new ManagedFields();
        }
        ManagedFields sent = ManagedFields.ofOrEmpty(after);
        return sent.isEmpty() ? ManagedFields.ofOrEmpty(before) : sent;
    }

    private static void recordUpdate(
            Operation operation, String manager, ObjectNode before, ObjectNode after, ManagedFields managed) {
        var self = ManagerId.update(SELF, operation.apiVersion(), operation.subresource());
        var id = ManagerId.update(manager, operation.apiVersion(), operation.subresource());
        Validation.check(operation.type(), after, true);
        operation.ownership().update(before, after, managed, self, operation.apiVersion());
        managed.change(self, fields -> fields.difference(NEVER_OWNED));
        FieldSet taken = managed.fields(self);
        managed.remove(self);
        if (!taken.isEmpty()) {
            FieldSet all = taken.union(managed.fields(id));
            managed.put(id, new ManagedFields.Entry(all, operation.apiVersion(), operation.time()));
        }
        managed.capUpdaters();
    }

    private static ObjectNode merge(
            Operation operation, ObjectNode live, ObjectNode applied, ManagedFields managed, boolean force) {
        var id = ManagerId.apply(operation.manager(), operation.subresource());
        ManagedFields untouched = managed.copy();
        ObjectNode merged;
        try {
            merged = operation.ownership().apply(live, applied, managed, id, operation.apiVersion(), force);
        } catch (Conflicts conflicts) {
            if (!operation.manager().equals(LastApplied.KUBECTL)) {
                throw conflicts.toApi();
            }
            var rest = conflicts.outside(LastApplied.unchangedFields(operation.type(), live, operation.apiVersion()));
            if (!rest.isEmpty()) {
                throw new Conflicts(rest).toApi();
            }
            managed.entries().clear();
            managed.entries().putAll(untouched.entries());
            merged = operation.ownership().apply(live, applied, managed, id, operation.apiVersion(), true);
        }
        managed.change(id, fields -> fields.difference(NEVER_OWNED));
        ManagedFields.Entry entry = managed.get(id);
        if (merged != null && entry != null) {
            managed.put(id, new ManagedFields.Entry(entry.fields(), entry.apiVersion(), operation.time()));
        }
        return merged == null ? live.deepCopy() : merged;
    }

    private static void checkApplied(Operation operation, ObjectNode applied) {
        String version = applied.path("apiVersion").asText();
        if (!version.equals(operation.apiVersion())) {
            throw ApiException.badRequest("Incorrect version specified in apply patch. Specified patch version: "
                    + version + ", expected: " + operation.apiVersion());
        }
        if (applied.path("metadata").hasNonNull("managedFields")) {
            throw ApiException.badRequest("metadata.managedFields must be nil");
        }
    }

    private static ManagedFields decode(ObjectNode live) {
        try {
            return ManagedFields.of(live);
        } catch (IllegalArgumentException e) {
            throw unknown("failed to decode managed fields: " + e.getMessage());
        }
    }

    private static void checkTyped(Operation operation, ObjectNode object, String what, boolean allowDuplicates) {
        try {
            Validation.check(operation.type(), object, allowDuplicates);
        } catch (TypedException e) {
            String name = Meta.namespace(object) + "/" + Meta.name(object);
            String kind =
                    operation.apiVersion() + ", Kind=" + object.path("kind").asText();
            throw unknown("failed to create typed " + what + " object (" + name + "; " + kind + "): " + e.getMessage());
        }
    }

    /// Upstream answers these as errors of no known reason.
    private static ApiException unknown(String message) {
        ObjectNode status = ApiException.base(500, "", message);
        status.remove("reason");
        return ApiException.ofStatus(status);
    }

    /// The same to be read: of its own are only the object and its metadata.
    private static ObjectNode viewWithoutManagedFields(ObjectNode object) {
        ObjectNode view = Json.object().setAll(object);
        if (object.get("metadata") instanceof ObjectNode metadata) {
            view.set("metadata", Json.object().setAll(metadata));
            ManagedFields.removeFrom(view);
        }
        return view;
    }

    private static ObjectNode withoutManagedFields(ObjectNode object) {
        ObjectNode copy = object.deepCopy();
        ManagedFields.removeFrom(copy);
        return copy;
    }
}
