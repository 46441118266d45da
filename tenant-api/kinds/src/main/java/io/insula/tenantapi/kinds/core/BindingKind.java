package io.insula.tenantapi.kinds.core;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.registry.KindSpec;
import io.insula.tenantapi.registry.ReviewKind;
import io.insula.tenantapi.registry.WriteContext;
import jakarta.inject.Singleton;

@Singleton
final class BindingKind implements ReviewKind {

    private static final GroupVersionResource PODS = new GroupVersionResource("", "v1", "pods");

    private static final KindSpec SPEC =
            KindSpec.namespaced("", "v1", "Binding", "bindings").verbs("create");

    @Override
    public KindSpec spec() {
        return SPEC;
    }

    /// The old way to bind a pod: answers as `pods/<name>/binding` does.
    @Override
    public ObjectNode review(ObjectNode object, WriteContext context) {
        return context.client().createSubresource(PODS, Meta.namespace(object), Meta.name(object), "binding", object);
    }
}
