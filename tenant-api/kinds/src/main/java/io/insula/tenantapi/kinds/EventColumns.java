package io.insula.tenantapi.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.Column;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/// What `kubectl get events` shows, in either form. Source: kubernetes `printEvent`.
public final class EventColumns {

    private EventColumns() {}

    /// @param core makes the core form of what is shown
    public static List<Column> of(UnaryOperator<JsonNode> core) {
        return List.of(
                Column.of("Last Seen", (o, now) -> lastSeen(core.apply(o), now)),
                Column.of("Type", (o, now) -> core.apply(o).path("type").asText("")),
                Column.of("Reason", (o, now) -> core.apply(o).path("reason").asText("")),
                Column.of("Object", (o, now) -> target(core.apply(o).path("involvedObject"))),
                Column.of(
                                "Subobject",
                                (o, now) -> Checks.at(core.apply(o), "involvedObject.fieldPath")
                                        .asText(""))
                        .wide(),
                Column.of("Source", (o, now) -> source(core.apply(o))).wide(),
                Column.of(
                        "Message",
                        (o, now) -> core.apply(o).path("message").asText("").trim()),
                Column.of("First Seen", (o, now) -> Printers.age(first(core.apply(o)), now))
                        .wide(),
                Column.integer("Count", (o, now) -> count(core.apply(o))).wide(),
                new Column("Name", "string", "name", Printers.NAME.description(), 1, (o, now) -> Meta.name(o)));
    }

    private static String first(JsonNode event) {
        return Printers.orElse(
                event.path("firstTimestamp").asText(""), event.path("eventTime").asText(""));
    }

    private static String lastSeen(JsonNode event, Instant now) {
        String series = event.path("series").path("lastObservedTime").asText("");
        String last = series.isEmpty() ? event.path("lastTimestamp").asText("") : series;
        return Printers.age(Printers.orElse(last, first(event)), now);
    }

    private static long count(JsonNode event) {
        long series = event.path("series").path("count").asLong();
        return series > 0 ? series : Math.max(1, event.path("count").asLong());
    }

    private static String target(JsonNode object) {
        String kind = object.path("kind").asText("").toLowerCase(Locale.ROOT);
        String name = object.path("name").asText("");
        return name.isEmpty() ? kind : kind + "/" + name;
    }

    private static String source(JsonNode event) {
        String component = Printers.orElse(
                event.path("source").path("component").asText(""),
                event.path("reportingComponent").asText(""));
        String host = Printers.orElse(
                event.path("source").path("host").asText(""),
                event.path("reportingInstance").asText(""));
        return host.isEmpty() ? component : component + ", " + host;
    }
}
