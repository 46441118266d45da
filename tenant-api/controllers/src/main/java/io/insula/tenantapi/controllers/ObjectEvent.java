package io.insula.tenantapi.controllers;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// One change that an informer saw. The trees are the informer's own: read only.
public sealed interface ObjectEvent {

    /// The newest state known, for a deletion the last one.
    ObjectNode object();

    record Added(ObjectNode object) implements ObjectEvent {}

    record Updated(ObjectNode before, ObjectNode object) implements ObjectEvent {}

    /// Gone from storage. After a missed watch `object` may be older than the object's last state.
    record Deleted(ObjectNode object) implements ObjectEvent {}
}
