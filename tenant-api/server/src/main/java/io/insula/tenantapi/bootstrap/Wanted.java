package io.insula.tenantapi.bootstrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.api.Meta;
import java.util.Optional;
import java.util.function.BiFunction;

/// One object that must exist.
///
/// @param repair from what exists and what is wanted: what to write instead; empty to leave it as it is. Pure.
record Wanted(
        GroupVersionResource resource,
        ObjectNode object,
        BiFunction<ObjectNode, ObjectNode, Optional<ObjectNode>> repair) {

    /// Created where missing, then left to its owner.
    static Wanted once(GroupVersionResource resource, ObjectNode object) {
        return new Wanted(resource, object, (current, wanted) -> Optional.empty());
    }

    /// Top-level `field` is kept as wanted, the rest is left alone.
    static Wanted keeping(String field, GroupVersionResource resource, ObjectNode object) {
        return new Wanted(resource, object, (current, wanted) -> replace(field, current, wanted));
    }

    String namespace() {
        return Meta.namespace(object);
    }

    String name() {
        return Meta.name(object);
    }

    static Optional<ObjectNode> replace(String field, ObjectNode current, ObjectNode wanted) {
        if (current.path(field).equals(wanted.path(field))) {
            return Optional.empty();
        }
        ObjectNode changed = current.deepCopy();
        changed.set(field, wanted.path(field).deepCopy());
        return Optional.of(changed);
    }
}
