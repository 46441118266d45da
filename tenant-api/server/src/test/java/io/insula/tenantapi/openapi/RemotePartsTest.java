package io.insula.tenantapi.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RemotePartsTest {

    private static final String ROOT = "apis/wardle.example.com/v1alpha1";

    private final ObjectNode paths = Json.object();
    private final ObjectNode definitions = Json.object();
    private final RemoteParts parts = new RemoteParts(RemotePartsTest::builtIn, paths, definitions);

    @Test
    void takesWhatTheServerServesAndWhatThatNeeds() {
        add("""
                {"paths": {"/apis/wardle.example.com/v1alpha1/flunders": {"get": {"schema": {"$ref": "#/definitions/Flunder"}}},
                           "/apis/apps/v1/deployments": {"get": {"schema": {"$ref": "#/definitions/Stolen"}}},
                           "/apis/wardle.example.com/v1alpha10/x": {}, "/healthz": {}},
                 "definitions": {"Flunder": {"properties": {"spec": {"$ref": "#/definitions/Spec"}}},
                                 "Spec": {"properties": {"self": {"$ref": "#/definitions/Spec"}}},
                                 "Stolen": {}, "Unused": {}}}""");

        assertThat(paths.fieldNames()).toIterable().containsExactly("/apis/wardle.example.com/v1alpha1/flunders");
        assertThat(definitions.fieldNames()).toIterable().containsExactly("Flunder", "Spec");
    }

    @Test
    void givesNewNamesToDefinitionsThatDiffer() {
        String first = """
                {"paths": {"/apis/wardle.example.com/v1alpha1/a": {"schema": {"$ref": "#/definitions/Meta"}}},
                 "definitions": {"Meta": {"type": "object", "properties": {"extra": {"$ref": "#/definitions/Same"}}},
                                 "Same": {"type": "string", "x-kubernetes-group-version-kind": [{"kind": "S"}]}}}""";
        add(first);
        add(first.replace("v1alpha1/a", "v1alpha1/b"));
        add(first.replace("v1alpha1/a", "v1alpha1/c").replace("extra", "other"));

        assertThat(definitions.fieldNames()).toIterable().containsExactly("Meta_v2", "Meta_v3");
        assertThat(paths.at("/~1apis~1wardle.example.com~1v1alpha1~1a/schema/$ref")
                        .asText())
                .isEqualTo("#/definitions/Meta_v2");
        assertThat(paths.at("/~1apis~1wardle.example.com~1v1alpha1~1b/schema/$ref")
                        .asText())
                .isEqualTo("#/definitions/Meta_v2");
        assertThat(paths.at("/~1apis~1wardle.example.com~1v1alpha1~1c/schema/$ref")
                        .asText())
                .isEqualTo("#/definitions/Meta_v3");
        assertThat(definitions.at("/Meta_v2/properties/extra/$ref").asText()).isEqualTo("#/definitions/Same");
    }

    @Test
    void leavesOutWhatNobodyCanRead() {
        add("{\"paths\": [");
        add("\"paths\"");
        add("{\"paths\": {\"/apis/wardle.example.com/v1alpha1/a\": 7}, \"definitions\": []}");
        add("[".repeat(100_000));

        assertThat(paths).isEmpty();
        assertThat(definitions).isEmpty();
    }

    private void add(String swagger) {
        parts.add(new RemoteApi(ROOT, "", swagger.getBytes(StandardCharsets.UTF_8)));
    }

    private static Optional<ObjectNode> builtIn(String name) {
        return switch (name) {
            case "Meta" -> Optional.of(Json.object().put("type", "object"));
            case "Same" -> Optional.of(Json.object().put("type", "string"));
            default -> Optional.empty();
        };
    }
}
