package io.insula.tenantapi.openapi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.UnknownFieldSet;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SwaggerProtobufTest {

    /// `swagger.pb` is what gnostic's `ParseDocument` and Go's `proto.Marshal` made of `swagger.json`; only the YAML of
    /// each `Any` was rewritten as JSON.
    @Test
    void encodesAsGnosticDoes() throws IOException {
        byte[] made = SwaggerProtobuf.message("Document", Json.parse(resource("swagger.json")));

        assertThat(UnknownFieldSet.parseFrom(made).toString())
                .isEqualTo(UnknownFieldSet.parseFrom(resource("swagger.pb")).toString());
        assertThat(made).isEqualTo(resource("swagger.pb"));
    }

    @Test
    void joinsPartsToWhatTheWholeDocumentIs() throws IOException {
        ObjectNode whole = Json.parse(resource("swagger.json"));
        ObjectNode definitions = (ObjectNode) whole.path("definitions");
        ObjectNode more = Json.object();
        more.putObject("com.example.v1.Other").put("type", "object");
        var document = new V2Document(
                V2Part.of((ObjectNode) whole.path("paths"), definitions), V2Part.of(Json.object(), more));

        ObjectNode joined = Json.parse(document.json());
        definitions.setAll(more);
        assertThat(joined.path("definitions")).isEqualTo(definitions);
        assertThat(joined.path("paths")).isEqualTo(whole.path("paths"));
        assertThat(document.protobuf()).isEqualTo(SwaggerProtobuf.message("Document", joined));
    }

    @Test
    void saysNothingOfWhatTheMessagesHaveNoFieldFor() {
        ObjectNode schema = Json.parse("{\"oneOf\":[{}],\"title\":\"\",\"maxLength\":0,\"type\":null}".getBytes(UTF_8));

        assertThat(SwaggerProtobuf.message("Schema", schema)).isEmpty();
    }

    private static byte[] resource(String name) throws IOException {
        try (var stream = SwaggerProtobufTest.class.getResourceAsStream(name)) {
            assertThat(stream).as(name).isNotNull();
            return stream.readAllBytes();
        }
    }
}
