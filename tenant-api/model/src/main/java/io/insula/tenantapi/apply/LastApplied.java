package io.insula.tenantapi.apply;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.schema.SchemaType;
import java.util.Map;
import java.util.TreeMap;

/// The annotation of client-side apply. `kubectl apply --server-side` may take the fields over that it says were
/// applied so before, and keeps it up to date. Source: kubernetes/apimachinery,
/// `util/managedfields/internal/lastapplied*.go`.
final class LastApplied {

    /// The only field manager for which the annotation counts.
    static final String KUBECTL = "kubectl";

    private static final ObjectWriter SORTED = Json.MAPPER.writer(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private LastApplied() {}

    static boolean isIn(JsonNode object) {
        return !text(object).isEmpty();
    }

    /// The fields that were applied by a client and still are as it applied them.
    static FieldSet unchangedFields(SchemaType type, ObjectNode live, String apiVersion) {
        try {
            JsonNode applied = Json.MAPPER.readTree(text(live));
            if (!applied.isObject() || !applied.path("apiVersion").asText().equals(apiVersion)) {
                return FieldSet.EMPTY;
            }
            Validation.check(type, applied, false);
            Comparison change = Comparison.of(type, applied, live);
            return FieldsOf.value(type, applied).difference(change.changed()).difference(change.removed());
        } catch (JsonProcessingException | TypedException _) {
            return FieldSet.EMPTY;
        }
    }

    /// Writes `applied` into the annotation of `object`.
    static void update(ObjectNode object, ObjectNode applied) {
        ObjectNode plain = applied.deepCopy();
        if (plain.path("metadata").path("annotations") instanceof ObjectNode annotations) {
            annotations.remove(WellKnownKeys.LAST_APPLIED);
            if (annotations.isEmpty()) {
                plain.withObjectProperty("metadata").remove("annotations");
            }
        }
        try {
            String text = SORTED.writeValueAsString(sorted(plain)) + "\n";
            object.withObjectProperty("metadata")
                    .withObjectProperty("annotations")
                    .put(WellKnownKeys.LAST_APPLIED, text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree cannot be written", e);
        }
    }

    private static Object sorted(JsonNode value) {
        if (!value.isObject()) {
            return value;
        }
        var fields = new TreeMap<String, Object>();
        for (Map.Entry<String, JsonNode> entry : value.properties()) {
            fields.put(entry.getKey(), sorted(entry.getValue()));
        }
        return fields;
    }

    private static String text(JsonNode object) {
        return object.path("metadata")
                .path("annotations")
                .path(WellKnownKeys.LAST_APPLIED)
                .asText("");
    }
}
