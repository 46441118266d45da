package io.insula.tenantapi.apply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// `metadata.managedFields` while a write works on it. Mutable, confined to one write.
final class ManagedFields {

    /// Of more managers of operation Update than this, the oldest are folded together.
    private static final int MAX_UPDATERS = 10;

    private static final String ANCIENT = "ancient-changes";
    private static final String FIELD = "managedFields";

    /// @param time RFC 3339; empty for none
    record Entry(FieldSet fields, String apiVersion, String time) {
        Entry withFields(FieldSet other) {
            return new Entry(other, apiVersion, time);
        }
    }

    private final TreeMap<ManagerId, Entry> entries = new TreeMap<>();

    /// Those of an object.
    ///
    /// @throws IllegalArgumentException when an entry is malformed
    static ManagedFields of(JsonNode object) {
        var managed = new ManagedFields();
        for (JsonNode entry : object.path("metadata").path(FIELD)) {
            managed.decode(entry);
        }
        return managed;
    }

    /// Those of an object; none where they are malformed.
    static ManagedFields ofOrEmpty(JsonNode object) {
        try {
            return of(object);
        } catch (IllegalArgumentException _) {
            return new ManagedFields();
        }
    }

    /// Whether a client asks to forget all owners: an empty list, or one empty entry.
    static boolean isReset(JsonNode object) {
        JsonNode list = object.path("metadata").path(FIELD);
        return list.isArray()
                && (list.isEmpty() || (list.size() == 1 && list.get(0).isEmpty()));
    }

    static void removeFrom(ObjectNode object) {
        if (object.get("metadata") instanceof ObjectNode metadata) {
            metadata.remove(FIELD);
        }
    }

    private void decode(JsonNode entry) {
        String operation = entry.path("operation").asText();
        String apiVersion = entry.path("apiVersion").asText();
        String fieldsType = entry.path("fieldsType").asText();
        if (!operation.equals(ManagerId.APPLY) && !operation.equals(ManagerId.UPDATE)) {
            throw new IllegalArgumentException("operation must be `Apply` or `Update`");
        }
        if (apiVersion.isEmpty()) {
            throw new IllegalArgumentException("apiVersion must not be empty");
        }
        if (!fieldsType.equals("FieldsV1")) {
            throw new IllegalArgumentException("invalid fieldsType \"" + fieldsType + "\" in managed fields entry");
        }
        var id = new ManagerId(
                entry.path("manager").asText(""),
                operation,
                operation.equals(ManagerId.APPLY) ? "" : apiVersion,
                entry.path("subresource").asText(""));
        FieldSet fields = FieldSet.parse(entry.path("fieldsV1"));
        entries.put(id, new Entry(fields, apiVersion, entry.path("time").asText("")));
    }

    /// Writes the entries into `object`, in upstream's order; none leaves no field behind.
    void writeTo(ObjectNode object) {
        removeFrom(object);
        if (entries.isEmpty()) {
            return;
        }
        ArrayNode list = object.withObjectProperty("metadata").putArray(FIELD);
        sorted().forEach(e -> list.add(encode(e.getKey(), e.getValue())));
    }

    private List<Map.Entry<ManagerId, Entry>> sorted() {
        Comparator<Map.Entry<ManagerId, Entry>> order =
                Comparator.comparing(e -> e.getKey().operation());
        var all = new ArrayList<>(entries.entrySet());
        all.sort(order.thenComparing(e -> e.getValue().time())
                .thenComparing(e -> e.getKey().manager())
                .thenComparing(e -> e.getValue().apiVersion())
                .thenComparing(e -> e.getKey().subresource()));
        return all;
    }

    private static ObjectNode encode(ManagerId id, Entry entry) {
        ObjectNode json = Json.object();
        json.put("apiVersion", entry.apiVersion());
        json.put("fieldsType", "FieldsV1");
        json.set("fieldsV1", entry.fields().toJson());
        json.put("manager", id.manager());
        json.put("operation", id.operation());
        if (!id.subresource().isEmpty()) {
            json.put("subresource", id.subresource());
        }
        if (!entry.time().isEmpty()) {
            json.put("time", entry.time());
        }
        return json;
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    @Nullable
    Entry get(ManagerId id) {
        return entries.get(id);
    }

    FieldSet fields(ManagerId id) {
        Entry entry = entries.get(id);
        return entry == null ? FieldSet.EMPTY : entry.fields();
    }

    Map<ManagerId, Entry> entries() {
        return entries;
    }

    void put(ManagerId id, Entry entry) {
        entries.put(id, entry);
    }

    void remove(ManagerId id) {
        entries.remove(id);
    }

    /// Changes the fields of an entry, if there is one; one without fields goes away.
    void change(ManagerId id, UnaryOperator<FieldSet> change) {
        entries.computeIfPresent(id, (_, entry) -> {
            FieldSet fields = change.apply(entry.fields());
            return fields.isEmpty() ? null : entry.withFields(fields);
        });
    }

    void removeEmpty() {
        entries.values().removeIf(e -> e.fields().isEmpty());
    }

    /// Everything that anybody owns.
    FieldSet union() {
        FieldSet all = FieldSet.EMPTY;
        for (Entry entry : entries.values()) {
            all = all.union(entry.fields());
        }
        return all;
    }

    ManagedFields copy() {
        var copy = new ManagedFields();
        copy.entries.putAll(entries);
        return copy;
    }

    /// Folds the oldest updaters of each version into one named `ancient-changes`, until few enough are left.
    void capUpdaters() {
        List<ManagerId> updaters = new ArrayList<>();
        entries.keySet().stream()
                .filter(id -> id.operation().equals(ManagerId.UPDATE))
                .forEach(updaters::add);
        int count = updaters.size();
        if (count <= MAX_UPDATERS) {
            return;
        }
        updaters.sort(Comparator.<ManagerId, String>comparing(id -> time(id)).thenComparing(Comparator.naturalOrder()));
        var firstOfVersion = new HashMap<String, ManagerId>();
        for (ManagerId id : updaters) {
            if (count <= MAX_UPDATERS) {
                return;
            }
            ManagerId first = firstOfVersion.putIfAbsent(id.apiVersion(), id);
            if (first != null) {
                fold(first, id);
                count--;
            }
        }
    }

    private String time(ManagerId id) {
        Entry entry = entries.get(id);
        return entry == null ? "" : entry.time();
    }

    private void fold(ManagerId first, ManagerId id) {
        var bucket = ManagerId.update(ANCIENT, id.apiVersion(), "");
        Entry into = entries.get(bucket);
        if (into == null) {
            into = entries.remove(first);
        }
        Entry entry = entries.remove(id);
        if (entry != null && into != null) {
            entries.put(bucket, entry.withFields(entry.fields().union(into.fields())));
        }
    }
}
