package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.kinds.Printers;
import io.insula.tenantapi.registry.Column;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The columns that a version declares. Source: apiextensions-apiserver, `registry/customresource/tableconvertor`.
final class CustomColumns {

    private static final Logger LOG = LoggerFactory.getLogger(CustomColumns.class);

    private CustomColumns() {}

    static List<Column> of(JsonNode version) {
        var columns = new ArrayList<Column>();
        columns.add(Printers.NAME);
        JsonNode declared = version.path("additionalPrinterColumns");
        for (JsonNode column : declared) {
            try {
                columns.add(column(column));
            } catch (IllegalArgumentException e) {
                LOG.atDebug()
                        .addKeyValue("jsonPath", column.path("jsonPath").asText())
                        .log("column is left out");
            }
        }
        if (declared.isEmpty()) {
            columns.add(Printers.AGE);
        }
        return List.copyOf(columns);
    }

    private static Column column(JsonNode column) {
        String type = column.path("type").asText("string");
        JsonPath path = JsonPath.parse(column.path("jsonPath").asText());
        return new Column(
                column.path("name").asText(),
                type,
                column.path("format").asText(""),
                column.path("description").asText(""),
                column.path("priority").asInt(),
                (object, now) -> cell(type, path.find(object), now));
    }

    private static Object cell(String type, List<JsonNode> found, Instant now) {
        if (found.isEmpty()) {
            // an absent cell is null upstream, which kubectl shows as <none>
            return Printers.NONE;
        }
        JsonNode first = found.getFirst();
        return switch (type) {
            case "integer" -> first.isNumber() ? first.asLong() : first.asText();
            case "number" -> first.isNumber() ? first.asDouble() : first.asText();
            case "boolean" -> first.isBoolean() ? first.asBoolean() : first.asText();
            case "date" -> Printers.age(first.asText(), now);
            default -> first.isContainerNode() ? first.toString() : join(found);
        };
    }

    private static String join(List<JsonNode> found) {
        return String.join(",", found.stream().map(JsonNode::asText).toList());
    }
}
