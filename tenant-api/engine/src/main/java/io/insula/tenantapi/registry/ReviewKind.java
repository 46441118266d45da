package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// A kind whose objects are answered instead of being stored (reviews); its only verb is `create`.
public non-sealed interface ReviewKind extends ResourceKind {

    /// The answer to `object`, which is the kind's own copy and may be changed.
    ObjectNode review(ObjectNode object, WriteContext context);
}
