package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/// The cache of one resource: eventually what the API holds. Trees are shared and read only: change a `deepCopy()`.
/// They come without `managedFields`. Thread-safe; lists are snapshots without order.
public interface Store {

    Optional<ObjectNode> get(Key key);

    List<ObjectNode> list();

    List<ObjectNode> inNamespace(String namespace);

    /// The objects whose controlling owner has this uid.
    List<ObjectNode> controlledBy(String uid);

    /// Whether the first list has arrived.
    boolean synced();
}
