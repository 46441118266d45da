package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;

/// One column of a `Table`.
///
/// @param type string, integer, boolean, date …
/// @param format `name` for the first column, else mostly empty
/// @param priority 0 always shown, 1 with `-o wide`
/// @param cell the cell for an object at a time: a String, Long, Integer or Boolean
public record Column(
        String name,
        String type,
        String format,
        String description,
        int priority,
        BiFunction<JsonNode, Instant, Object> cell) {

    /// Name and Created At: kinds without a printer of their own.
    public static final List<Column> DEFAULT = List.of(
            name("Name must be unique within a namespace."),
            of(
                    "Created At",
                    (object, now) ->
                            object.path("metadata").path("creationTimestamp").asText()));

    public static Column name(String description) {
        return new Column(
                "Name",
                "string",
                "name",
                description,
                0,
                (o, now) -> o.path("metadata").path("name").asText());
    }

    public static Column of(String name, BiFunction<JsonNode, Instant, Object> cell) {
        return new Column(name, "string", "", "", 0, cell);
    }

    public static Column integer(String name, BiFunction<JsonNode, Instant, Object> cell) {
        return new Column(name, "integer", "", "", 0, cell);
    }

    public Column wide() {
        return new Column(name, type, format, description, 1, cell);
    }

    public Column described(String text) {
        return new Column(name, type, format, text, priority, cell);
    }
}
