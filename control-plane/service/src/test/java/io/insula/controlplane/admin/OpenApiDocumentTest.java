package io.insula.controlplane.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The document says what is served, no more and no less: operations, parameters, headers, fields of bodies.
final class OpenApiDocumentTest {

    @TempDir
    private Path folder;

    @Test
    void describesExactlyTheRoutes() throws IOException {
        Set<String> served;
        try (var admin = new AdminFixture(folder)) {
            served = served(admin.routes());
        }
        assertThat(described(document())).isEqualTo(served);
    }

    @Test
    void boundsLifetimesAsTheyAre() throws IOException {
        JsonNode lifetime = document().at("/components/schemas/KubeconfigRequest/properties/expirationSeconds");
        assertThat(Duration.ofSeconds(lifetime.path("minimum").asLong())).isEqualTo(CredentialRequest.SHORTEST);
        assertThat(Duration.ofSeconds(lifetime.path("default").asLong())).isEqualTo(CredentialRequest.USUAL);
        assertThat(Duration.ofSeconds(lifetime.path("maximum").asLong())).isEqualTo(CredentialRequest.LONGEST);
    }

    @Test
    void refersOnlyToWhatIsThere() throws IOException {
        JsonNode document = document();
        assertThat(document.findValuesAsText("$ref"))
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    private static Set<String> served(Iterable<Route> all) {
        var routes = new TreeSet<String>();
        for (Route route : all) {
            routes.add(route.method().toLowerCase(Locale.ROOT) + " " + route.template() + " " + route.operation()
                    + " query=" + new TreeSet<>(route.query())
                    + " headers=" + new TreeSet<>(route.headers())
                    + " roles=" + roles(route)
                    + " body=" + route.body().map(TreeSet::new));
        }
        assertThat(routes).hasSizeGreaterThan(5);
        return routes;
    }

    private static List<String> roles(Route route) {
        return Stream.concat(Stream.of(Role.SUPERUSER), route.roles().stream().sorted())
                .map(Role::word)
                .toList();
    }

    private static List<String> words(JsonNode list) {
        var all = new ArrayList<String>();
        list.forEach(word -> all.add(word.asText()));
        return all;
    }

    private static Set<String> described(JsonNode document) {
        var routes = new TreeSet<String>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(operation -> !operation.getKey().equals("parameters"))
                        .forEach(operation -> routes.add(operation.getKey() + " " + path.getKey() + " "
                                + operation.getValue().path("operationId").asText()
                                + " query=" + parameters(operation.getValue(), "query")
                                + " headers=" + parameters(operation.getValue(), "header")
                                + " roles="
                                + words(operation.getValue().path("x-insula-roles"))
                                + " body="
                                + fields(document, operation.getValue().path("requestBody")))));
        return routes;
    }

    private static Set<String> parameters(JsonNode operation, String in) {
        var names = new TreeSet<String>();
        for (JsonNode parameter : operation.path("parameters")) {
            if (parameter.path("in").asText().equals(in)) {
                names.add(parameter.path("name").asText());
            }
        }
        return names;
    }

    private static String fields(JsonNode document, JsonNode body) {
        if (body.isMissingNode()) {
            return "Optional.empty";
        }
        JsonNode schema = resolved(document, body.at("/content/application~1json/schema"));
        if (schema.has("anyOf")) {
            schema = resolved(document, schema.path("anyOf").path(0));
        }
        assertThat(schema.path("additionalProperties").asBoolean(true)).isFalse();
        var names = new TreeSet<String>();
        schema.path("properties").fieldNames().forEachRemaining(names::add);
        return "Optional[" + names + "]";
    }

    private static JsonNode resolved(JsonNode document, JsonNode schema) {
        return schema.has("$ref") ? document.at(schema.path("$ref").asText().substring(1)) : schema;
    }

    private static JsonNode document() throws IOException {
        try (var stream = OpenApiDocumentTest.class.getResourceAsStream("/openapi.json")) {
            return Json.MAPPER.readTree(stream);
        }
    }
}
