package io.insula.tenantapi.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.table.TableRenderer.IncludeObject;
import io.insula.tenantapi.table.TableRenderer.Look;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TableRendererTest {

    private static final List<Column> COLUMNS = List.of(
            Column.name("the name"),
            Column.integer("Data", (o, now) -> o.path("data").size()));
    private static final Look LOOK =
            new Look(COLUMNS, o -> o.has("done") ? List.of(Json.object().put("type", "Completed")) : List.of());

    @Test
    void writesCellsWithTheirTypesAndTheObjectsMetadata() {
        ObjectNode object = json("{\"metadata\":{\"name\":\"a\"},\"data\":{\"x\":\"y\"}}");
        ObjectNode table = parse(render(object, IncludeObject.METADATA));
        assertThat(table.at("/columnDefinitions/0/format").asText()).isEqualTo("name");
        assertThat(table.at("/rows/0/cells").toString()).isEqualTo("[\"a\",1]");
        assertThat(table.at("/rows/0/object/kind").asText()).isEqualTo("PartialObjectMetadata");
        assertThat(table.at("/rows/0/object").has("data")).isFalse();
    }

    @Test
    void marksRowsWithTheConditionsOfTheirKind() {
        ObjectNode done = json("{\"metadata\":{\"name\":\"a\"},\"done\":true}");
        assertThat(render(done, IncludeObject.NONE)
                        .at("/rows/0/conditions/0/type")
                        .asText())
                .isEqualTo("Completed");
        ObjectNode other = json("{\"metadata\":{\"name\":\"b\"}}");
        assertThat(render(other, IncludeObject.NONE).at("/rows/0").has("conditions"))
                .isFalse();
    }

    @Test
    void refusesAnUnknownIncludeObject() {
        assertThatThrownBy(() -> IncludeObject.parse("All")).isInstanceOf(ApiException.class);
    }

    private static ObjectNode render(ObjectNode object, IncludeObject include) {
        return TableRenderer.render("v1", LOOK, List.of(object), Json.object(), include, true, Instant.EPOCH);
    }

    private static ObjectNode parse(ObjectNode node) {
        return Json.parse(Json.bytes(node));
    }

    private static ObjectNode json(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
