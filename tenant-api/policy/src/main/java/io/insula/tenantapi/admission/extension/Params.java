package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.ports.ObjectClient.Query;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.selector.LabelSelector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The parameters of a binding. Source: kubernetes/apiserver, `admission/plugin/policy/generic` (CollectParams).
record Params(KindRegistry kinds) {

    /// A binding that cannot be asked; the message is upstream's.
    static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message, null, false, false);
        }
    }

    /// One entry per evaluation; an empty entry where there are no parameters to have.
    ///
    /// @throws Broken when the binding and the policy do not fit, or what must be there is not
    List<Optional<ObjectNode>> of(Policy policy, PolicyBinding binding, Request request) {
        JsonNode reference = binding.paramRef();
        if (policy.paramKind().isEmpty() || !reference.isObject()) {
            return List.of(Optional.empty());
        }
        List<ObjectNode> found = find(policy.paramKind().get(), reference, request);
        if (found.isEmpty()
                && reference.path("parameterNotFoundAction").asText("").equals("Deny")) {
            throw new Broken("no params found for policy binding with `Deny` parameterNotFoundAction");
        }
        return found.stream().map(Optional::of).toList();
    }

    private List<ObjectNode> find(GroupVersionKind kind, JsonNode reference, Request request) {
        KindSpec spec = kinds.find(kind)
                .orElseThrow(() ->
                        new Broken("paramKind kind `" + kind.apiVersion() + ", Kind=" + kind.kind() + "` not known"))
                .spec();
        String namespace = namespace(spec, reference.path("namespace").asText(""), request);
        String name = reference.path("name").asText("");
        if (!name.isEmpty()) {
            return request.client()
                    .get(spec.gvr(), namespace, name)
                    .map(List::of)
                    .orElse(List.of());
        }
        if (!reference.path("selector").isObject()) {
            throw new Broken("one of name or selector must be provided");
        }
        LabelSelector selector = LabelSelector.of(reference.path("selector"));
        var matching = new ArrayList<>(
                request.client().list(spec.gvr(), namespace, Query.ALL).items());
        matching.removeIf(object -> !selector.matches(io.insula.tenantapi.api.Meta.labels(object)));
        return matching;
    }

    private static String namespace(KindSpec spec, String asked, Request request) {
        if (!spec.namespaced()) {
            if (!asked.isEmpty()) {
                throw new Broken("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
            }
            return "";
        }
        String namespace = asked.isEmpty() ? request.namespace() : asked;
        if (namespace.isEmpty()) {
            throw new Broken("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }
        return namespace;
    }
}
