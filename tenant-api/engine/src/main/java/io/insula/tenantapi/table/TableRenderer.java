package io.insula.tenantapi.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.Column;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/// Renders objects as a `meta.k8s.io` Table. Stateless.
public final class TableRenderer {

    private TableRenderer() {}

    /// What each row carries of its object.
    public enum IncludeObject {
        NONE,
        METADATA,
        OBJECT;

        /// @throws ApiException 422 for a value that Kubernetes does not know; empty means Metadata
        public static IncludeObject parse(String value) {
            return switch (value) {
                case "", "Metadata" -> METADATA;
                case "None" -> NONE;
                case "Object" -> OBJECT;
                default ->
                    throw ApiException.invalid(
                            new GroupVersionKind("meta.k8s.io", "v1", "TableOptions"),
                            "",
                            List.of(FieldError.notSupported(
                                    "includeObject", value, List.of("Metadata", "None", "Object"))));
            };
        }
    }

    /// What a kind's rows show.
    ///
    /// @param conditions of an object's row; most have none
    public record Look(List<Column> columns, Function<JsonNode, List<ObjectNode>> conditions) {
        public Look {
            columns = List.copyOf(columns);
        }
    }

    /// One table.
    ///
    /// @param version of meta.k8s.io: v1 or v1beta1
    /// @param listMeta the list's metadata (resourceVersion, continue …); copied
    /// @param definitions whether to say the columns (on a watch only the first table does)
    public static ObjectNode render(
            String version,
            Look look,
            List<? extends JsonNode> objects,
            JsonNode listMeta,
            IncludeObject include,
            boolean definitions,
            Instant now) {
        ObjectNode table = Json.object().put("kind", "Table").put("apiVersion", "meta.k8s.io/" + version);
        table.set("metadata", listMeta.deepCopy());
        ArrayNode heads = table.putArray("columnDefinitions");
        if (definitions) {
            look.columns()
                    .forEach(column -> heads.addObject()
                            .put("name", column.name())
                            .put("type", column.type())
                            .put("format", column.format())
                            .put("description", column.description())
                            .put("priority", column.priority()));
        }
        ArrayNode rows = table.putArray("rows");
        objects.forEach(object -> rows.add(row(version, look, object, include, now)));
        return table;
    }

    private static ObjectNode row(String version, Look look, JsonNode object, IncludeObject include, Instant now) {
        ObjectNode row = Json.object();
        ArrayNode cells = row.putArray("cells");
        look.columns().forEach(column -> cells.addPOJO(column.cell().apply(object, now)));
        List<ObjectNode> conditions = look.conditions().apply(object);
        if (!conditions.isEmpty()) {
            row.putArray("conditions").addAll(conditions);
        }
        switch (include) {
            case NONE -> {}
            case METADATA -> row.set("object", partial(version, object));
            case OBJECT -> row.set("object", object);
        }
        return row;
    }

    /// `PartialObjectMetadata` of an object.
    public static ObjectNode partial(String version, JsonNode object) {
        ObjectNode partial =
                Json.object().put("kind", "PartialObjectMetadata").put("apiVersion", "meta.k8s.io/" + version);
        partial.set("metadata", object.path("metadata"));
        return partial;
    }
}
