package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.ApiException;
import java.util.List;

/// A kind whose objects are made at each read instead of being stored; its verbs are `get` and `list`.
public non-sealed interface ObservedKind extends ReadableKind {

    /// All objects, as they are now.
    List<ObjectNode> observe(ServerServices services);

    /// Says that no such object is observed.
    default ApiException notObserved(String name) {
        return ApiException.notFound(spec().gvr(), name);
    }
}
