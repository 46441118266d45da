package io.insula.tenantapi.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.openapi.BuiltInDocuments;
import io.insula.tenantapi.pipeline.Endpoint.Reply;
import io.insula.tenantapi.registry.CustomKind;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.KindSchema;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.StoredKind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenApiEndpointTest {

    private static final String PROTOBUF = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private final List<ResourceKind> builtIn =
            List.of((StoredKind) () -> KindSpec.namespaced("", "v1", "ConfigMap", "configmaps"));
    private final KindRegistry kinds = new KindRegistry(builtIn);
    private final OpenApiEndpoint endpoint = new OpenApiEndpoint(kinds, new BuiltInDocuments(builtIn), List::of);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "none | json",
                "application/json | json",
                "*/* | json",
                "application/json, */* | json",
                "application/com.github.proto-openapi.spec.v2@v1.0+protobuf | protobuf",
                "application/com.github.proto-openapi.spec.v2.v1.0+protobuf | protobuf",
                "application/json;q=0.5, application/com.github.proto-openapi.spec.v2@v1.0+protobuf | protobuf",
                "application/com.github.proto-openapi.spec.v2@v1.0+protobuf;q=0.9, application/json | json",
                "*/*, application/com.github.proto-openapi.spec.v2@v1.0+protobuf | protobuf",
                "text/html, application/*;q=0.1 | json",
            })
    void servesTheFormThatTheClientPrefers(String accept, String form) {
        Reply reply = get("/openapi/v2", headers("accept", accept));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.contentType()).isEqualTo(form.equals("json") ? "application/json" : PROTOBUF);
        assertThat(reply.headers()).containsEntry("Vary", List.of("Accept"));
        assertThat(reply.body()[0]).isEqualTo((byte) (form.equals("json") ? '{' : 0x0A));
    }

    @ParameterizedTest
    @CsvSource({
        "/openapi/v2, text/html",
        "/openapi/v2, application/json;q=0",
        "/openapi/v2, application/yaml",
        "/openapi/v3/api/v1, application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
    })
    void refusesWhatNobodyCouldRead(String path, String accept) {
        Reply reply = get(path, headers("accept", accept));

        assertThat(reply.status()).isEqualTo(406);
        assertThat(reply.body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"%s, 304", "W/%s, 304", "\"x\"; %s, 304", "*, 304", "\"x\", 200"})
    void sendsNoDocumentThatTheClientHas(String condition, int status) {
        for (String path : List.of("/openapi/v2", "/openapi/v3", "/openapi/v3/api/v1")) {
            String etag = header(get(path, Map.of()), "ETag");
            String known = condition.replace(';', ',').replace("%s", etag);

            assertThat(get(path, headers("if-none-match", known)).status())
                    .as(path)
                    .isEqualTo(status);
        }
    }

    @Test
    void changesItsTagWithTheCustomKinds() {
        String before = etag();
        kinds.setCustom("widgets.example.com", List.of(new Widget("integer")));
        String with = etag();
        assertThat(Json.parse(get("/openapi/v2", Map.of()).body())
                        .path("definitions")
                        .has("com.example.v1.Widget"))
                .isTrue();
        kinds.setCustom("widgets.example.com", List.of(new Widget("string")));
        String changed = etag();
        kinds.setCustom("widgets.example.com", List.of());

        assertThat(List.of(before, with, changed)).doesNotHaveDuplicates();
        assertThat(etag()).isEqualTo(before);
    }

    @Test
    void knowsOnlyWhatIsServed() {
        assertThat(endpoint.answer(request("/version", Map.of()))).isEmpty();
        assertThatThrownBy(() -> get("/openapi/v3/apis/nope/v1", Map.of())).isInstanceOf(ApiException.class);
        Reply elsewhere = get("/openapi/v3/api/v1?hash=OLD", Map.of());
        assertThat(elsewhere.status()).isEqualTo(301);
        assertThat(header(elsewhere, "Location")).startsWith("/openapi/v3/api/v1?hash=");
    }

    private String etag() {
        return header(get("/openapi/v2", Map.of()), "ETag");
    }

    private static String header(Reply reply, String name) {
        return reply.headers().getOrDefault(name, List.of("")).getFirst();
    }

    private Reply get(String uri, Map<String, List<String>> headers) {
        return endpoint.answer(request(uri, headers)).orElseThrow();
    }

    private static HttpRequest request(String uri, Map<String, List<String>> headers) {
        String[] parts = uri.split("\\?", 2);
        return new HttpRequest(
                "GET", parts[0], parts.length > 1 ? parts[1] : "", headers, new byte[0], "127.0.0.1", List.of(), false);
    }

    private static Map<String, List<String>> headers(String name, @Nullable String value) {
        return value == null ? Map.of() : Map.of(name, List.of(value));
    }

    /// @param type of its size
    private record Widget(String type) implements CustomKind {
        @Override
        public KindSpec spec() {
            return KindSpec.namespaced("example.com", "v1", "Widget", "widgets");
        }

        @Override
        public KindSchema schema() {
            throw new UnsupportedOperationException("nothing is decoded here");
        }

        @Override
        public ObjectNode openApiSchema() {
            ObjectNode schema = Json.object().put("type", "object");
            schema.putObject("properties").putObject("size").put("type", type);
            return schema;
        }
    }
}
