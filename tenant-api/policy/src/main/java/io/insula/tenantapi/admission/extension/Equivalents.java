package io.insula.tenantapi.admission.extension;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionKind;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.registry.AdmissionPlugin.Request;
import io.insula.tenantapi.registry.KindRegistry;
import io.insula.tenantapi.registry.ObservedKind;
import io.insula.tenantapi.registry.ResourceKind;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.StoredKind;
import io.insula.tenantapi.registry.Subresource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Resources that share one storage ([KindRegistry#sharingStorage]). Thread-safe.
record Equivalents(KindRegistry kinds) {

    /// The other resources under which the object of a request can be had.
    List<GroupVersionResource> of(GroupVersionResource resource) {
        return kinds.sharingStorage(resource);
    }

    /// The kind that `subresource` of a resource takes.
    Optional<GroupVersionKind> kindOf(GroupVersionResource resource, String subresource) {
        return kinds.find(resource)
                .map(ResourceKind::spec)
                .map(spec ->
                        spec.findSubresource(subresource).map(Subresource::kind).orElse(spec.kind()));
    }

    /// `object` of a request as `matched` has it; itself where that is the request's own resource.
    @Nullable
    ObjectNode convert(@Nullable ObjectNode object, Request request, GroupVersionResource matched) {
        if (object == null || matched.equals(request.resource())) {
            return object;
        }
        return convert(object, request.resource(), matched);
    }

    /// `object` in the version of another resource that has the same storage.
    ObjectNode convert(ObjectNode object, GroupVersionResource from, GroupVersionResource to) {
        StoredKind source = stored(from);
        StoredKind target = stored(to);
        boolean whole =
                object.path("kind").asText("").equals(source.spec().kind().kind());
        return whole ? target.fromStorage(source.toStorage(object.deepCopy())) : object;
    }

    private StoredKind stored(GroupVersionResource resource) {
        return switch (kinds.find(resource).orElseThrow()) {
            case StoredKind kind -> kind;
            case ObservedKind _, ReviewKind _ ->
                throw new IllegalStateException("an equivalent without storage: " + resource);
        };
    }
}
