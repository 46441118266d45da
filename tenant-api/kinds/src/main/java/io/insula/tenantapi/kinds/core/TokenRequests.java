package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.kinds.Fields;
import io.insula.tenantapi.registry.SubresourceRequest;
import java.util.Map;

/// Issues service account tokens. Source: kubernetes `pkg/registry/core/serviceaccount/storage/token.go`.
final class TokenRequests {

    private static final GroupVersionKind KIND = new GroupVersionKind("authentication.k8s.io", "v1", "TokenRequest");
    private static final int DEFAULT_SECONDS = 3600;
    private static final long MIN_SECONDS = 600;
    private static final long MAX_SECONDS = 1L << 32;

    private TokenRequests() {}

    static ObjectNode issue(SubresourceRequest request) {
        ObjectNode answer = request.body().deepCopy();
        ObjectNode spec = Fields.object(answer, "spec");
        Fields.defaultTo(spec, "expirationSeconds", DEFAULT_SECONDS);
        long seconds = spec.path("expirationSeconds").asLong();
        JsonNode account = request.current();
        check(seconds, Meta.name(account));
        var issued = request.context()
                .services()
                .serviceAccountTokens()
                .issue(
                        Meta.namespace(account),
                        Meta.name(account),
                        Meta.uid(account),
                        Fields.texts(spec.path("audiences")),
                        seconds,
                        boundTo(request, spec.path("boundObjectRef")));
        answer.put("apiVersion", KIND.apiVersion()).put("kind", KIND.kind());
        Meta.of(answer)
                .put("name", Meta.name(account))
                .put("namespace", Meta.namespace(account))
                .put("creationTimestamp", Meta.timestamp(request.context().now()));
        answer.putObject("status")
                .put("token", issued.token())
                .put("expirationTimestamp", Meta.timestamp(issued.expires()));
        return answer;
    }

    private static void check(long seconds, String name) {
        var checks = new Checks();
        if (seconds < MIN_SECONDS) {
            checks.add(FieldError.invalid(
                    "spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"));
        }
        if (seconds > MAX_SECONDS) {
            checks.add(FieldError.invalid(
                    "spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds"));
        }
        if (!checks.isEmpty()) {
            throw ApiException.invalid(KIND, name, checks.errors());
        }
    }

    /// The object that the token dies with, proven to exist.
    private static Map<String, String> boundTo(SubresourceRequest request, JsonNode reference) {
        if (!reference.isObject()) {
            return Map.of();
        }
        String kind = reference.path("kind").asText();
        String name = reference.path("name").asText();
        String resource = switch (kind) {
            case "Pod" -> "pods";
            case "Secret" -> "secrets";
            case "Node" -> "nodes";
            default -> throw ApiException.badRequest("cannot bind token for serviceaccount to object: " + kind);
        };
        var gvr = new GroupVersionResource("", "v1", resource);
        String namespace = kind.equals("Node") ? "" : Meta.namespace(request.current());
        ObjectNode bound = request.context()
                .client()
                .get(gvr, namespace, name)
                .orElseThrow(() -> ApiException.notFound(gvr, name));
        String uid = reference.path("uid").asText("");
        if (!uid.isEmpty() && !uid.equals(Meta.uid(bound))) {
            throw ApiException.conflict(
                    gvr,
                    name,
                    "the UID in the bound object reference (" + uid + ") does not match the UID in record. The object"
                            + " might have been deleted and then recreated");
        }
        String account = bound.path("spec").path("serviceAccountName").asText("default");
        if (kind.equals("Pod") && !account.equals(Meta.name(request.current()))) {
            throw ApiException.badRequest("cannot bind token for serviceaccount \"" + Meta.name(request.current())
                    + "\" to pod running with different serviceaccount name.");
        }
        return Map.of("kind", kind, "name", name, "uid", Meta.uid(bound));
    }
}
