package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.admission.extension.MatchCriteria.Match;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import io.insula.tenantapi.webhook.WebhookClient;
import io.insula.tenantapi.webhook.WebhookFailure;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Asks one webhook about one request. Thread-safe. Source: kubernetes/apiserver, `admission/plugin/webhook`.
record WebhookCalls(WebhookClient client, Equivalents equivalents) {

    private static final String REVIEW = "AdmissionReview";
    private static final String V1 = "admission.k8s.io/v1";

    /// What a webhook has allowed.
    ///
    /// @param patch empty for no change
    record Allowed(ArrayNode patch) {}

    /// Whether the webhook is to be asked, and under which resource.
    ///
    /// @throws ApiException 403 when its conditions cannot be evaluated
    Optional<Match> match(Webhook hook, Request request) {
        Optional<Match> match = hook.criteria().match(request, equivalents);
        if (match.isEmpty() || hook.conditions().isEmpty()) {
            return match;
        }
        ObjectNode object =
                equivalents.convert(request.object(), request, match.get().resource());
        ObjectNode old =
                equivalents.convert(request.oldObject(), request, match.get().resource());
        Map<String, Object> variables = RequestVariables.of(request, match.get(), object, old);
        return switch (hook.conditions().evaluate(variables)) {
            case MatchConditions.Result.Matches() -> match;
            case MatchConditions.Result.Excluded() -> Optional.empty();
            case MatchConditions.Result.Failed(var message) -> {
                if (hook.ignoresFailures()) {
                    yield Optional.empty();
                }
                throw ApiException.forbidden(request.resource(), request.name(), message);
            }
        };
    }

    /// Empty when the webhook failed and that is to be ignored.
    ///
    /// @param object as the match has it; null for DELETE
    /// @throws ApiException what the webhook refuses with, or 500 when it failed
    Optional<Allowed> call(
            Webhook hook,
            Request request,
            Match match,
            @Nullable ObjectNode object,
            boolean mutating,
            String annotation) {
        if (request.dryRun() && !hook.takesDryRun()) {
            throw ApiException.badRequest("admission webhook \"" + hook.name() + "\" does not support dry run");
        }
        try {
            return Optional.of(reviewed(hook, request, match, object, mutating));
        } catch (WebhookFailure e) {
            if (hook.ignoresFailures()) {
                request.annotate().accept("failed-open." + annotation, hook.name());
                return Optional.empty();
            }
            throw ApiException.internal("failed calling webhook \"" + hook.name() + "\": " + e.text(), null);
        }
    }

    private Allowed reviewed(
            Webhook hook, Request request, Match match, @Nullable ObjectNode object, boolean mutating) {
        String uid = UUID.randomUUID().toString();
        ObjectNode review = Json.object().put("kind", REVIEW).put("apiVersion", V1);
        ObjectNode asked = review.putObject("request").put("uid", uid);
        asked.setAll(RequestVariables.review(request, match));
        dropEmpty(asked, "subResource", "requestSubResource", "name", "namespace");
        ObjectNode old = equivalents.convert(request.oldObject(), request, match.resource());
        asked.set("object", object == null ? Json.object().nullNode() : object);
        asked.set("oldObject", old == null ? Json.object().nullNode() : old);
        ObjectNode answer;
        try {
            answer = client.call(hook.tree().path("clientConfig"), review, hook.timeout());
        } catch (WebhookFailure e) {
            throw new WebhookFailure("failed to call webhook: " + e.text());
        }
        return allowed(hook, request, verified(answer, uid, mutating), mutating);
    }

    private static void dropEmpty(ObjectNode tree, String... fields) {
        for (String field : fields) {
            if (tree.path(field).asText("").isEmpty()) {
                tree.remove(field);
            }
        }
    }

    private static JsonNode verified(ObjectNode answer, String uid, boolean mutating) {
        JsonNode response = answer.path("response");
        String problem = "";
        if (!response.isObject()) {
            problem = "webhook response was absent";
        } else if (!response.path("uid").asText("").equals(uid)) {
            problem = "expected response.uid=\"" + uid + "\", got \""
                    + response.path("uid").asText("") + "\"";
        } else if (!answer.path("apiVersion").asText("").equals(V1)
                || !answer.path("kind").asText("").equals(REVIEW)) {
            problem = "expected webhook response of " + V1 + ", Kind=" + REVIEW + ", got "
                    + answer.path("apiVersion").asText("") + ", Kind="
                    + answer.path("kind").asText("");
        } else if (response.hasNonNull("allowed") && !response.path("allowed").isBoolean()) {
            problem = "expected response.allowed to be true or false, got " + response.path("allowed");
        } else {
            problem = patchProblem(response, mutating);
        }
        if (!problem.isEmpty()) {
            throw new WebhookFailure("received invalid webhook response: " + problem);
        }
        return response;
    }

    private static String patchProblem(JsonNode response, boolean mutating) {
        boolean hasPatch = !response.path("patch").asText("").isEmpty();
        boolean hasType = response.hasNonNull("patchType");
        if (!mutating) {
            return hasPatch
                    ? "validating webhook may not return response.patch"
                    : hasType ? "validating webhook may not return response.patchType" : "";
        }
        if (hasPatch && !hasType) {
            return "webhook returned response.patch but not response.patchType";
        }
        return hasType && !hasPatch ? "webhook returned response.patchType but not response.patch" : "";
    }

    private static Allowed allowed(Webhook hook, Request request, JsonNode response, boolean mutating) {
        response.path("auditAnnotations")
                .properties()
                .forEach(e -> request.annotate()
                        .accept(hook.name() + "/" + e.getKey(), e.getValue().asText()));
        response.path("warnings").forEach(text -> request.warnings().add(text.asText()));
        if (!response.path("allowed").asBoolean()) {
            throw denied(hook.name(), response.path("status"));
        }
        String patch = response.path("patch").asText("");
        if (!mutating || patch.isEmpty()) {
            return new Allowed(Json.object().arrayNode());
        }
        if (!response.path("patchType").asText("").equals("JSONPatch")) {
            throw new WebhookFailure(
                    "unsupported patch type \"" + response.path("patchType").asText("") + "\"");
        }
        try {
            if (Json.MAPPER.readTree(Base64.getDecoder().decode(patch)) instanceof ArrayNode operations) {
                return new Allowed(operations);
            }
        } catch (IOException | IllegalArgumentException _) {
            // told below
        }
        throw new WebhookFailure("received undecodable patch in webhook response: it is no list of operations");
    }

    /// Source: kubernetes/apiserver, `admission/plugin/webhook/errors/statuserror.go`.
    private static ApiException denied(String name, JsonNode given) {
        ObjectNode status = given instanceof ObjectNode object ? object.deepCopy() : Json.object();
        status.put("kind", "Status").put("apiVersion", "v1");
        status.withObjectProperty("metadata");
        status.put("status", "Failure");
        if (status.path("code").asInt() < 400) {
            status.put("code", 400);
        }
        String by = "admission webhook \"" + name + "\" denied the request";
        String message = status.path("message").asText("");
        String reason = status.path("reason").asText("");
        String why = message.isEmpty() ? reason : message;
        status.put("message", why.isEmpty() ? by + " without explanation" : by + ": " + why);
        return ApiException.ofStatus(status);
    }
}
