package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.Column;
import io.insula.tenantapi.registry.CustomKind;
import io.insula.tenantapi.registry.KindSchema;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ScalePaths;
import io.insula.tenantapi.webhook.WebhookClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One served version of a custom resource. Immutable.
final class CustomResourceKind implements CustomKind {

    private final KindSpec spec;
    private final KindSchema schema;
    private final ObjectNode openApiSchema;
    private final List<Column> columns;
    private final ScalePaths scalePaths;
    private final Map<String, JsonPath> selectable;
    private final String storageApiVersion;
    private final String deprecation;
    private final Optional<CustomConversion> conversion;

    private CustomResourceKind(JsonNode definition, JsonNode version, Optional<CustomConversion> conversion) {
        this.conversion = conversion;
        spec = specOf(definition, version);
        openApiSchema =
                version.path("schema").path("openAPIV3Schema") instanceof ObjectNode tree ? tree : Json.object();
        schema = CustomKindSchema.of(spec.kind().toString(), openApiSchema);
        columns = CustomColumns.of(version);
        scalePaths = scalePathsOf(version.path("subresources").path("scale"));
        selectable = selectableOf(version.path("selectableFields"));
        storageApiVersion = spec.kind().group() + "/" + DefinitionStatus.storageVersion(definition);
        deprecation = deprecationOf(version);
    }

    /// Every version that a stored definition serves now.
    static List<CustomResourceKind> served(JsonNode definition, WebhookClient webhooks) {
        Optional<CustomConversion> conversion = CustomConversion.of(definition, webhooks);
        var kinds = new ArrayList<CustomResourceKind>();
        for (JsonNode version : definition.path("spec").path("versions")) {
            if (version.path("served").asBoolean()) {
                kinds.add(new CustomResourceKind(definition, version, conversion));
            }
        }
        return kinds;
    }

    @Override
    public KindSpec spec() {
        return spec;
    }

    @Override
    public KindSchema schema() {
        return schema;
    }

    @Override
    public ObjectNode openApiSchema() {
        return openApiSchema;
    }

    @Override
    public List<Column> columns() {
        return columns;
    }

    @Override
    public ScalePaths scalePaths() {
        return scalePaths;
    }

    @Override
    public String deprecationWarning() {
        return deprecation;
    }

    @Override
    public boolean storesAsServed() {
        return false;
    }

    @Override
    public ObjectNode toStorage(ObjectNode object) {
        return conversion
                .map(webhook -> webhook.convert(object, storageApiVersion))
                .orElseGet(() -> object.put("apiVersion", storageApiVersion));
    }

    @Override
    public ObjectNode fromStorage(ObjectNode stored) {
        return fromStorage(List.of(stored)).getFirst();
    }

    @Override
    public boolean convertsInBatches() {
        return conversion.isPresent();
    }

    @Override
    public List<ObjectNode> fromStorage(List<ObjectNode> stored) {
        String apiVersion = spec.kind().apiVersion();
        return conversion.map(webhook -> webhook.convert(stored, apiVersion)).orElseGet(() -> {
            stored.forEach(object -> object.put("apiVersion", apiVersion));
            return stored;
        });
    }

    @Override
    public List<String> selectableFieldNames() {
        return List.copyOf(selectable.keySet());
    }

    @Override
    public Map<String, String> selectableFields(JsonNode object) {
        var values = new HashMap<String, String>();
        selectable.forEach((field, path) -> {
            List<JsonNode> found = path.find(object);
            values.put(field, found.isEmpty() ? "" : found.getFirst().asText(""));
        });
        return values;
    }

    private static KindSpec specOf(JsonNode definition, JsonNode version) {
        JsonNode wanted = definition.path("spec");
        JsonNode names = wanted.path("names");
        String group = wanted.path("group").asText();
        String plural = names.path("plural").asText();
        String name = version.path("name").asText();
        String kind = names.path("kind").asText();
        KindSpec spec = wanted.path("scope").asText().equals("Namespaced")
                ? KindSpec.namespaced(group, name, kind, plural)
                : KindSpec.cluster(group, name, kind, plural);
        spec = spec.storedAt(group + "/" + plural)
                .noUnconditionalUpdate()
                .withGeneration()
                .shortNames(texts(names.path("shortNames")))
                .categories(texts(names.path("categories")))
                .singular(names.path("singular").asText());
        if (Meta.isBeingDeleted(definition)) {
            spec = spec.verbs("delete", "deletecollection", "get", "list", "patch", "update", "watch");
        }
        if (version.path("subresources").has("status")) {
            spec = spec.withStatus(Set.of());
        }
        return version.path("subresources").has("scale") ? spec.withScale() : spec;
    }

    private static String[] texts(JsonNode array) {
        var all = new ArrayList<String>();
        array.forEach(text -> all.add(text.asText()));
        return all.toArray(String[]::new);
    }

    private static ScalePaths scalePathsOf(JsonNode scale) {
        return new ScalePaths(
                fields(scale.path("specReplicasPath").asText("")),
                fields(scale.path("statusReplicasPath").asText("")),
                fields(scale.path("labelSelectorPath").asText("")));
    }

    private static List<String> fields(String path) {
        return path.isEmpty() ? List.of() : List.of(path.substring(1).split("\\.", -1));
    }

    private static Map<String, JsonPath> selectableOf(JsonNode fields) {
        var all = new HashMap<String, JsonPath>();
        for (JsonNode field : fields) {
            String path = field.path("jsonPath").asText();
            all.put(path.substring(path.startsWith(".") ? 1 : 0), JsonPath.parse(path));
        }
        return Map.copyOf(all);
    }

    private String deprecationOf(JsonNode version) {
        if (!version.path("deprecated").asBoolean()) {
            return "";
        }
        String own = version.path("deprecationWarning").asText("");
        return own.isEmpty() ? spec.kind().apiVersion() + " " + spec.kind().kind() + " is deprecated" : own;
    }
}
