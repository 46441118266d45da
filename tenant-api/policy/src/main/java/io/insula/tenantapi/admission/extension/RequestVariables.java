package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cel.common.values.NullValue;
import io.insula.tenantapi.admission.extension.MatchCriteria.Match;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import io.insula.tenantapi.auth.UserInfo;
import io.insula.tenantapi.cel.AdmissionEnvironment;
import io.insula.tenantapi.cel.CelValues;
import io.insula.tenantapi.cel.library.Authorization;
import io.insula.tenantapi.cel.library.Authorization.Decision;
import io.insula.tenantapi.cel.library.Authorization.Question;
import io.insula.tenantapi.cel.library.Authorization.ResourceCheck;
import io.insula.tenantapi.cel.library.Authorization.Subject;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request as expressions see it. Source: kubernetes/apiserver, `admission/plugin/cel/condition.go`.
final class RequestVariables {

    private static final GroupVersionResource NAMESPACES = new GroupVersionResource("", "v1", "namespaces");

    private RequestVariables() {}

    /// The variables that every expression on this request has.
    ///
    /// @param object as the match has it; null for DELETE
    static Map<String, Object> of(Request request, Match match, @Nullable ObjectNode object, @Nullable ObjectNode old) {
        var variables = new HashMap<String, Object>();
        variables.put(AdmissionEnvironment.OBJECT, value(object));
        variables.put(AdmissionEnvironment.OLD_OBJECT, value(old));
        variables.put(AdmissionEnvironment.REQUEST, CelValues.of(review(request, match)));
        Authorization authorization = authorization(request.user(), request.authorizer());
        variables.put(AdmissionEnvironment.AUTHORIZER, authorization);
        variables.put(
                AdmissionEnvironment.REQUEST_RESOURCE,
                new ResourceCheck(
                        authorization,
                        request.resource().group(),
                        request.resource().resource(),
                        request.subresource(),
                        request.namespace(),
                        request.name(),
                        Map.of()));
        return variables;
    }

    static Object value(@Nullable JsonNode tree) {
        return tree == null ? NullValue.NULL_VALUE : CelValues.of(tree);
    }

    /// The namespace of a request, as far as expressions may see it; null for what has none.
    static Object namespace(Request request) {
        if (request.namespace().isEmpty() || request.resource().equals(NAMESPACES)) {
            return NullValue.NULL_VALUE;
        }
        return request.client()
                .recent()
                .get(NAMESPACES, "", request.namespace())
                .<Object>map(CelValues::of)
                .orElse(NullValue.NULL_VALUE);
    }

    /// The `request` of an AdmissionReview, without objects.
    static ObjectNode review(Request request, Match match) {
        ObjectNode tree = Json.object();
        tree.set("kind", kind(match.kind()));
        tree.set("resource", resource(match.resource()));
        tree.put("subResource", request.subresource());
        tree.set("requestKind", kind(request.kind()));
        tree.set("requestResource", resource(request.resource()));
        tree.put("requestSubResource", request.subresource());
        tree.put("name", request.name());
        tree.put("namespace", request.namespace());
        tree.put("operation", request.operation().name());
        tree.set("userInfo", user(request.user()));
        tree.put("dryRun", request.dryRun());
        tree.set("options", options(request));
        return tree;
    }

    private static ObjectNode kind(GroupVersionKind kind) {
        return Json.object()
                .put("group", kind.group())
                .put("version", kind.version())
                .put("kind", kind.kind());
    }

    private static ObjectNode resource(GroupVersionResource resource) {
        return Json.object()
                .put("group", resource.group())
                .put("version", resource.version())
                .put("resource", resource.resource());
    }

    private static ObjectNode user(UserInfo user) {
        ObjectNode tree = Json.object().put("username", user.name());
        if (!user.uid().isEmpty()) {
            tree.put("uid", user.uid());
        }
        var groups = tree.putArray("groups");
        user.groups().forEach(groups::add);
        if (!user.extra().isEmpty()) {
            ObjectNode extra = tree.putObject("extra");
            user.extra().forEach((key, values) -> {
                var array = extra.putArray(key);
                values.forEach(array::add);
            });
        }
        return tree;
    }

    private static ObjectNode options(Request request) {
        String kind = switch (request.operation()) {
            case CREATE -> "CreateOptions";
            case UPDATE -> "UpdateOptions";
            case DELETE -> "DeleteOptions";
            case CONNECT -> "";
        };
        ObjectNode options = Json.object();
        if (!kind.isEmpty()) {
            options.put("kind", kind).put("apiVersion", "meta.k8s.io/v1");
        }
        if (request.dryRun()) {
            options.putArray("dryRun").add("All");
        }
        return options;
    }

    private static Authorization authorization(UserInfo caller, Authorizer authorizer) {
        return new Authorization(new Subject.Caller(), question -> decide(question, caller, authorizer));
    }

    private static Decision decide(Question question, UserInfo caller, Authorizer authorizer) {
        UserInfo user = switch (question.user()) {
            case Subject.Caller() -> caller;
            case Subject.ServiceAccount(var namespace, var name) -> serviceAccount(namespace, name);
        };
        Authorizer.Decision decision = authorizer.authorize(new Attributes(
                user,
                question.verb(),
                question.group(),
                question.path().isEmpty() ? "*" : "",
                question.resource(),
                question.subresource(),
                question.namespace(),
                question.name(),
                question.path()));
        return new Decision(decision.allowed(), decision.reason(), "");
    }

    private static UserInfo serviceAccount(String namespace, String name) {
        return new UserInfo(
                "system:serviceaccount:" + namespace + ":" + name,
                "",
                List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace, UserInfo.AUTHENTICATED),
                Map.of());
    }
}
