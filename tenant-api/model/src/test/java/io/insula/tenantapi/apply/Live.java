package io.insula.tenantapi.apply;

import static io.insula.tenantapi.schema.Trees.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.schema.ApiSchema;
import io.insula.tenantapi.schema.Defaulter;
import io.insula.tenantapi.schema.FieldChecker;
import io.insula.tenantapi.schema.SchemaType;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/// One object through a row of writes, as the engine makes them; each a second later than the one before.
final class Live {

    private final SchemaType type;
    private final String apiVersion;
    private final String kind;
    private Instant now = Instant.parse("2024-05-01T10:00:00Z");
    private FieldSet reset = FieldSet.EMPTY;
    private String subresource = "";
    private ObjectNode object = Json.object();

    private Live(SchemaType type, String apiVersion, String kind) {
        this.type = type;
        this.apiVersion = apiVersion;
        this.kind = kind;
    }

    static Live deployment() {
        return of("io.k8s.api.apps.v1.Deployment", "apps/v1", "Deployment");
    }

    static Live pod() {
        return of("io.k8s.api.core.v1.Pod", "v1", "Pod");
    }

    static Live of(String definition, String apiVersion, String kind) {
        return new Live(ApiSchema.load().type(definition).orElseThrow(), apiVersion, kind);
    }

    static Live untyped() {
        return new Live(SchemaType.ANY, "example.com/v1", "Thing");
    }

    /// The endpoint of the next writes.
    Live at(String subresourceName, String... resetFields) {
        subresource = subresourceName;
        reset = FieldSet.of(resetFields);
        return this;
    }

    Live apply(String manager, String config) {
        return apply(manager, config, false);
    }

    Live force(String manager, String config) {
        return apply(manager, config, true);
    }

    private Live apply(String manager, String config, boolean force) {
        return store(FieldManager.apply(operation(manager), object, whole(config), force));
    }

    Live update(String manager, String whole) {
        ObjectNode after = whole(whole);
        if (object.path("metadata").has("uid")) {
            after.withObjectProperty("metadata")
                    .set("uid", object.path("metadata").get("uid"));
        }
        return store(FieldManager.update(operation(manager), object, after));
    }

    private Live store(ObjectNode written) {
        if (type.shape() != SchemaType.Shape.ANY) {
            FieldChecker.dropUnknown(type, written);
            Defaulter.apply(type, written);
        }
        written.withObjectProperty("metadata").put("uid", "1");
        object = FieldManager.keepTimesIfUnchanged(object, written);
        now = now.plusSeconds(1);
        return this;
    }

    private FieldManager.Operation operation(String manager) {
        return new FieldManager.Operation(type, manager, subresource, apiVersion, now, reset);
    }

    private ObjectNode whole(String text) {
        ObjectNode node = yaml(text);
        node.put("apiVersion", apiVersion).put("kind", kind);
        node.withObjectProperty("metadata").put("name", "x");
        return node;
    }

    ObjectNode object() {
        return object;
    }

    /// Without what every object has.
    ObjectNode content() {
        ObjectNode copy = object.deepCopy();
        copy.remove("apiVersion");
        copy.remove("kind");
        ObjectNode metadata = copy.withObjectProperty("metadata");
        metadata.remove("name");
        metadata.remove("uid");
        metadata.remove("managedFields");
        if (metadata.isEmpty()) {
            copy.remove("metadata");
        }
        return copy;
    }

    /// `manager Operation` → fieldsV1.
    Map<String, JsonNode> owners() {
        var owners = new TreeMap<String, JsonNode>();
        for (JsonNode entry : object.path("metadata").path("managedFields")) {
            String name = entry.path("manager").asText() + " "
                    + entry.path("operation").asText();
            owners.put(
                    entry.has("subresource")
                            ? name + " " + entry.path("subresource").asText()
                            : name,
                    entry.path("fieldsV1"));
        }
        return owners;
    }

    Map<String, String> times() {
        var times = new TreeMap<String, String>();
        for (JsonNode entry : object.path("metadata").path("managedFields")) {
            times.put(entry.path("manager").asText(), entry.path("time").asText());
        }
        return times;
    }
}
