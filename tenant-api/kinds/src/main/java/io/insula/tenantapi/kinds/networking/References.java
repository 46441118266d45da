package io.insula.tenantapi.kinds.networking;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.FieldError;
import io.insula.tenantapi.kinds.Checks;
import io.insula.tenantapi.registry.Names;

/// References to objects of any kind. Source: kubernetes `pkg/apis/networking/validation`.
final class References {

    private References() {}

    /// A `TypedLocalObjectReference`.
    static void local(JsonNode reference, String at, Checks checks) {
        JsonNode group = reference.path("apiGroup");
        String finding = group.isTextual() ? Names.dns1123Subdomain(group.asText()) : "";
        if (!finding.isEmpty()) {
            checks.add(FieldError.invalid(at + ".apiGroup", group.asText(), finding));
        }
        checks.name(reference.path("kind").asText(""), at + ".kind", Names::pathSegment);
        checks.name(reference.path("name").asText(""), at + ".name", Names::pathSegment);
    }

    /// An `IngressClassParametersReference`.
    static void scoped(JsonNode reference, String at, Checks checks) {
        local(reference, at, checks);
        checks.oneOf(reference, at, "scope", "Cluster", "Namespace");
        JsonNode namespace = reference.path("namespace");
        switch (reference.path("scope").asText("")) {
            case "Namespace" -> {
                if (namespace.isTextual()) {
                    String finding = Names.dns1123Label(namespace.asText());
                    if (!finding.isEmpty()) {
                        checks.add(FieldError.invalid(at + ".namespace", namespace.asText(), finding));
                    }
                } else {
                    checks.add(FieldError.required(at + ".namespace", "`parameters.scope` is set to 'Namespace'"));
                }
            }
            case "Cluster" -> {
                if (namespace.isTextual()) {
                    checks.add(FieldError.forbidden(at + ".namespace", "`parameters.scope` is set to 'Cluster'"));
                }
            }
            default -> {}
        }
    }
}
