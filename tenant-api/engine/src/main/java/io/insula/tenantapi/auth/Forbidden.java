package io.insula.tenantapi.auth;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;

/// The 403 of a refused request, in upstream's words. Source: kubernetes/apiserver, `handlers/responsewriters`.
public final class Forbidden {

    private Forbidden() {}

    /// `pods "x" is forbidden: User "u" cannot get resource "pods" in API group "" in the namespace "n"`.
    public static ApiException of(Attributes attributes, Authorizer.Decision decision) {
        String why = describe(attributes) + (decision.reason().isEmpty() ? "" : ": " + decision.reason());
        var resource = new GroupVersionResource(attributes.group(), attributes.version(), attributes.resource());
        return ApiException.forbidden(resource, attributes.name(), why);
    }

    private static String describe(Attributes attributes) {
        String user = "User \"" + attributes.user().name() + "\" cannot " + attributes.verb();
        if (!attributes.isResourceRequest()) {
            return user + " path \"" + attributes.path() + "\"";
        }
        String resource = attributes.subresource().isEmpty()
                ? attributes.resource()
                : attributes.resource() + "/" + attributes.subresource();
        String scope = attributes.namespace().isEmpty()
                ? " at the cluster scope"
                : " in the namespace \"" + attributes.namespace() + "\"";
        return user + " resource \"" + resource + "\" in API group \"" + attributes.group() + "\"" + scope;
    }
}
