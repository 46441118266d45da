package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.schema.JsonValues;
import io.insula.tenantapi.schema.SchemaType;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Who owns what after a write: the core of server-side apply. Source: structured-merge-diff, `merge/update.go`.
///
/// @param excluded fields that this kind of write does not touch, with all below them
record Ownership(SchemaType type, FieldSet excluded) {

    /// After a write that is no apply: whoever owned what changed loses it to `writer`.
    ///
    /// @param managed changed
    void update(JsonNode before, JsonNode after, ManagedFields managed, ManagerId writer, String apiVersion) {
        reconcile(managed);
        Comparison change = transfer(before, after, managed, writer, true);
        FieldSet fields = managed.fields(writer)
                .difference(change.removed())
                .union(change.changed())
                .recursiveDifference(excluded);
        if (fields.isEmpty()) {
            managed.remove(writer);
        } else {
            managed.put(writer, new ManagedFields.Entry(fields, apiVersion, time(managed.get(writer))));
        }
    }

    /// Merges `config` into `live`, takes away what `applier` no longer applies and nobody else owns, and hands the
    /// fields over.
    ///
    /// @param managed changed, also when it throws
    /// @return the merged object; null when it equals `live`
    /// @throws Conflicts when others own fields that would change, unless forced
    @Nullable
    ObjectNode apply(
            ObjectNode live,
            ObjectNode config,
            ManagedFields managed,
            ManagerId applier,
            String apiVersion,
            boolean force) {
        reconcile(managed);
        JsonNode merged = Merging.merge(type, live, config);
        FieldSet last = managed.fields(applier);
        FieldSet fields = FieldsOf.value(type, config).recursiveDifference(excluded);
        managed.put(applier, new ManagedFields.Entry(fields, apiVersion, time(managed.get(applier))));
        JsonNode pruned = prune(merged, managed.union(), last);
        transfer(live, pruned, managed, applier, force);
        return JsonValues.same(live, pruned) ? null : (ObjectNode) pruned;
    }

    private static String time(ManagedFields.@Nullable Entry entry) {
        return entry == null ? "" : entry.time();
    }

    private Comparison transfer(
            JsonNode before, JsonNode after, ManagedFields managed, ManagerId writer, boolean force) {
        Comparison change = Comparison.of(type, before, after).without(excluded);
        var conflicts = new TreeMap<ManagerId, FieldSet>();
        managed.entries().forEach((id, entry) -> {
            FieldSet taken = id.equals(writer) ? FieldSet.EMPTY : entry.fields().intersection(change.changed());
            if (!taken.isEmpty()) {
                conflicts.put(id, taken);
            }
        });
        if (!force && !conflicts.isEmpty()) {
            throw new Conflicts(conflicts);
        }
        for (ManagerId id : List.copyOf(managed.entries().keySet())) {
            if (!id.equals(writer)) {
                FieldSet lost = conflicts.getOrDefault(id, FieldSet.EMPTY).union(change.removed());
                managed.change(id, fields -> fields.difference(lost));
            }
        }
        managed.removeEmpty();
        return change;
    }

    /// Removes what is in `last`, is not owned any more, and is an element or field of its own.
    private JsonNode prune(JsonNode merged, FieldSet owned, FieldSet last) {
        if (last.isEmpty()) {
            return merged;
        }
        FieldSet lastNamed = last.withNamedFields(type);
        JsonNode pruned = orEmpty(Removing.remove(type, merged, lastNamed));
        pruned = addBackOwned(merged, pruned, owned);
        return addBackDangling(merged, pruned, lastNamed);
    }

    private JsonNode addBackOwned(JsonNode merged, JsonNode pruned, FieldSet owned) {
        FieldSet kept = named(pruned).union(owned.withNamedFields(type));
        return orEmpty(Removing.remove(type, merged, named(merged).difference(kept)));
    }

    /// What was removed but never applied by this manager stays: e.g. elements that nobody owns.
    private JsonNode addBackDangling(JsonNode merged, JsonNode pruned, FieldSet lastNamed) {
        FieldSet gone = named(merged).difference(named(pruned));
        return orEmpty(Removing.remove(type, merged, gone.intersection(lastNamed)));
    }

    private FieldSet named(JsonNode value) {
        return FieldsOf.value(type, value).withNamedFields(type);
    }

    private static JsonNode orEmpty(JsonNode value) {
        return value.isNull() ? Json.object() : value;
    }

    /// Follows a schema that has made a granular field atomic: whoever owned parts now owns the whole.
    private void reconcile(ManagedFields managed) {
        for (ManagerId id : List.copyOf(managed.entries().keySet())) {
            managed.change(id, fields -> Reconciling.reconcile(type, fields));
        }
    }
}
