package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.webhook.WebhookClient;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Asks a definition's webhook to convert objects, many at once. Thread-safe. Source:
/// kubernetes/apiextensions-apiserver, `apiserver/conversion/webhook_converter.go`.
///
/// @param config the webhook's clientConfig
record CustomConversion(JsonNode config, WebhookClient webhooks) {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final String V1 = "apiextensions.k8s.io/v1";
    private static final String REVIEW = "ConversionReview";

    /// Empty where the versions of a definition differ by their name only.
    static Optional<CustomConversion> of(JsonNode definition, WebhookClient webhooks) {
        JsonNode conversion = definition.path("spec").path("conversion");
        return conversion.path("strategy").asText("").equals("Webhook")
                ? Optional.of(new CustomConversion(
                        conversion.path("webhook").path("clientConfig").deepCopy(), webhooks))
                : Optional.empty();
    }

    ObjectNode convert(ObjectNode object, String apiVersion) {
        return convert(List.of(object), apiVersion).getFirst();
    }

    /// All objects in a version, in order; those that are in it already stay as they are.
    ///
    /// @throws ApiException 500 when the webhook does not answer, or with what it may not
    List<ObjectNode> convert(List<ObjectNode> objects, String apiVersion) {
        List<ObjectNode> others =
                objects.stream().filter(o -> !isIn(o, apiVersion)).toList();
        if (others.isEmpty()) {
            return objects;
        }
        GroupVersionKind kind = Meta.kindOf(others.getFirst());
        List<ObjectNode> converted = checked(others, call(others, apiVersion, kind), apiVersion, kind);
        var all = new ArrayList<ObjectNode>(objects.size());
        int next = 0;
        for (ObjectNode object : objects) {
            all.add(isIn(object, apiVersion) ? object : converted.get(next++));
        }
        return all;
    }

    private static boolean isIn(ObjectNode object, String apiVersion) {
        return object.path("apiVersion").asText().equals(apiVersion);
    }

    private JsonNode call(List<ObjectNode> objects, String apiVersion, GroupVersionKind kind) {
        String uid = UUID.randomUUID().toString();
        ObjectNode review = Json.object().put("kind", REVIEW).put("apiVersion", V1);
        ObjectNode request = review.putObject("request").put("uid", uid).put("desiredAPIVersion", apiVersion);
        var asked = request.putArray("objects");
        objects.forEach(asked::add);
        ObjectNode answer;
        try {
            answer = webhooks.call(config, review, TIMEOUT);
        } catch (WebhookFailure e) {
            throw failed(kind, "failed: " + e.text());
        }
        JsonNode response = answer.path("response");
        String problem = problem(answer, response, uid);
        if (!problem.isEmpty()) {
            throw failed(kind, "failed: " + problem);
        }
        return response.path("convertedObjects");
    }

    private static String problem(ObjectNode answer, JsonNode response, String uid) {
        String got = answer.path("apiVersion").asText("") + ", Kind="
                + answer.path("kind").asText("");
        if (!got.equals(V1 + ", Kind=" + REVIEW)) {
            return "expected webhook response of " + V1 + ", Kind=" + REVIEW + ", got " + got;
        }
        if (!response.isObject()) {
            return "no response provided";
        }
        if (!response.path("uid").asText("").equals(uid)) {
            return "expected response.uid=\"" + uid + "\", got \""
                    + response.path("uid").asText("") + "\"";
        }
        JsonNode result = response.path("result");
        if (result.path("status").asText("").equals("Success")) {
            return "";
        }
        String message = result.path("message").asText("");
        return message.isEmpty()
                ? "response.result.status was '" + result.path("status").asText("") + "', not 'Success'"
                : message;
    }

    private static List<ObjectNode> checked(
            List<ObjectNode> originals, JsonNode converted, String apiVersion, GroupVersionKind kind) {
        if (converted.size() != originals.size()) {
            throw failed(kind, "returned " + converted.size() + " objects, expected " + originals.size());
        }
        var all = new ArrayList<ObjectNode>();
        for (int i = 0; i < originals.size(); i++) {
            if (!(converted.get(i) instanceof ObjectNode object)) {
                throw failed(kind, "returned invalid converted object at index " + i + ": no object");
            }
            all.add(checked(originals.get(i), object, apiVersion, kind, i));
        }
        return all;
    }

    private static ObjectNode checked(
            ObjectNode original, ObjectNode converted, String apiVersion, GroupVersionKind kind, int index) {
        String at = "returned invalid converted object at index " + index + ": ";
        String version = converted.path("apiVersion").asText("");
        if (!version.equals(apiVersion)) {
            throw failed(kind, at + "invalid groupVersion (expected " + apiVersion + ", received " + version + ")");
        }
        String gotKind = converted.path("kind").asText("");
        if (!gotKind.equals(kind.kind())) {
            throw failed(kind, at + "invalid kind (expected " + kind.kind() + ", received " + gotKind + ")");
        }
        same(original, converted, "name", "name", at, kind);
        same(original, converted, "namespace", "namespace", at, kind);
        same(original, converted, "uid", "UID", at, kind);
        restoreMetadata(original, converted, kind, index);
        return converted;
    }

    private static void same(
            ObjectNode original, ObjectNode converted, String field, String shown, String at, GroupVersionKind kind) {
        String before = original.path("metadata").path(field).asText("");
        String after = converted.path("metadata").path(field).asText("");
        if (!before.equals(after)) {
            throw failed(kind, at + "must have the same " + shown + ": " + before + " != " + after);
        }
    }

    /// A webhook may change labels and annotations, nothing else of the metadata.
    private static void restoreMetadata(ObjectNode original, ObjectNode converted, GroupVersionKind kind, int index) {
        ObjectNode metadata = Meta.of(original).deepCopy();
        for (String field : List.of("labels", "annotations")) {
            JsonNode wanted = converted.path("metadata").path(field);
            for (var entry : wanted.properties()) {
                if (!entry.getValue().isTextual()) {
                    throw failed(
                            kind,
                            "returned invalid metadata in object at index " + index + ": metadata." + field + "["
                                    + entry.getKey() + "] must be a string in converted object");
                }
            }
            if (wanted.isObject() && !wanted.isEmpty()) {
                metadata.set(field, wanted);
            } else {
                metadata.remove(field);
            }
        }
        converted.set("metadata", metadata);
    }

    private static ApiException failed(GroupVersionKind kind, String why) {
        return ApiException.of(
                500, "", "conversion webhook for " + kind.apiVersion() + ", Kind=" + kind.kind() + " " + why);
    }
}
