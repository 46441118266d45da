package io.insula.tenantapi.admission.plugins;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.AdmissionPlugin.Operation;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;

/// What a request is about, and how it is refused.
final class Requests {

    private Requests() {}

    /// A write of the main resource `resource` of `group`.
    static boolean isFor(Request request, String group, String resource) {
        return request.subresource().isEmpty() && isForAny(request, group, resource);
    }

    /// The same, or of one of its subresources.
    static boolean isForAny(Request request, String group, String resource) {
        return request.resource().group().equals(group)
                && request.resource().resource().equals(resource);
    }

    static boolean isPodCreate(Request request) {
        return request.operation() == Operation.CREATE && isFor(request, "", "pods");
    }

    /// The wanted object of a CREATE or UPDATE.
    static ObjectNode object(Request request) {
        ObjectNode object = request.object();
        if (object == null) {
            throw new IllegalStateException("admission of " + request.operation() + " without an object");
        }
        return object;
    }

    static ObjectNode spec(Request request) {
        return object(request).withObjectProperty("spec");
    }

    /// 403 `pods "x" is forbidden: why`. A name yet to be generated shows as its prefix.
    static ApiException forbidden(Request request, String why) {
        return ApiException.forbidden(request.resource(), nameOf(request), why);
    }

    static GroupVersionResource core(String resource) {
        return new GroupVersionResource("", "v1", resource);
    }

    private static String nameOf(Request request) {
        if (!request.name().isEmpty()) {
            return request.name();
        }
        ObjectNode object = request.object();
        if (object == null) {
            return "Unknown";
        }
        String name = Meta.name(object);
        String prefix = object.path("metadata").path("generateName").asText("");
        return !name.isEmpty() ? name : prefix.isEmpty() ? "Unknown" : prefix;
    }
}
