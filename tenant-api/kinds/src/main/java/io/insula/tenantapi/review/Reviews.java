package io.insula.tenantapi.review;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Translates the parts that review kinds share. Source: kubernetes/pkg/apis/authorization/validation (texts).
final class Reviews {

    private Reviews() {}

    /// A SubjectAccessReview-like `spec` names exactly one target.
    static List<FieldError> checkTarget(JsonNode spec) {
        var errors = new ArrayList<FieldError>();
        boolean resource = spec.hasNonNull("resourceAttributes");
        boolean path = spec.hasNonNull("nonResourceAttributes");
        if (resource && path) {
            errors.add(FieldError.invalid(
                    "spec.nonResourceAttributes",
                    spec.path("nonResourceAttributes"),
                    "cannot be specified in combination with resourceAttributes"));
        } else if (!resource && !path) {
            errors.add(FieldError.invalid(
                    "spec.resourceAttributes",
                    "null",
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        }
        return errors;
    }

    static List<FieldError> checkSubject(JsonNode spec) {
        return spec.path("user").asText("").isEmpty() && spec.path("groups").isEmpty()
                ? List.of(FieldError.invalid("spec.user", "", "at least one of user or group must be specified"))
                : List.of();
    }

    static void refuse(GroupVersionKind kind, List<FieldError> errors) {
        if (!errors.isEmpty()) {
            throw ApiException.invalid(kind, "", errors);
        }
    }

    /// The user that `spec` names.
    static UserInfo subject(JsonNode spec) {
        var extra = new HashMap<String, List<String>>();
        spec.path("extra").properties().forEach(entry -> extra.put(entry.getKey(), texts(entry.getValue())));
        return new UserInfo(
                spec.path("user").asText(""), spec.path("uid").asText(""), texts(spec.path("groups")), extra);
    }

    static Attributes attributes(UserInfo user, JsonNode spec) {
        JsonNode resource = spec.path("resourceAttributes");
        if (resource.isMissingNode() || resource.isNull()) {
            JsonNode target = spec.path("nonResourceAttributes");
            return new Attributes(user, text(target, "verb"), "", "", "", "", "", "", path(target));
        }
        return new Attributes(
                user,
                text(resource, "verb"),
                text(resource, "group"),
                text(resource, "version"),
                text(resource, "resource"),
                text(resource, "subresource"),
                text(resource, "namespace"),
                text(resource, "name"),
                "");
    }

    /// Writes the decision into `review` and answers it.
    static ObjectNode answer(ObjectNode review, Authorizer.Decision decision) {
        ObjectNode status = review.putObject("status").put("allowed", decision.allowed());
        if (!decision.reason().isEmpty()) {
            status.put("reason", decision.reason());
        }
        return review;
    }

    /// A user as `status.user` and `status.userInfo` show it; empty parts are left out.
    static ObjectNode show(UserInfo user) {
        ObjectNode shown = Json.object().put("username", user.name());
        if (!user.uid().isEmpty()) {
            shown.put("uid", user.uid());
        }
        if (!user.groups().isEmpty()) {
            addAll(shown, "groups", user.groups());
        }
        if (!user.extra().isEmpty()) {
            ObjectNode extra = shown.putObject("extra");
            for (Map.Entry<String, List<String>> entry : user.extra().entrySet()) {
                addAll(extra, entry.getKey(), entry.getValue());
            }
        }
        return shown;
    }

    static void addAll(ObjectNode target, String field, List<String> values) {
        var array = target.putArray(field);
        values.forEach(array::add);
    }

    static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asText).toList();
    }

    /// An empty path would make the attributes a resource request.
    private static String path(JsonNode target) {
        String path = text(target, "path");
        return path.isEmpty() ? "/" : path;
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText("");
    }
}
