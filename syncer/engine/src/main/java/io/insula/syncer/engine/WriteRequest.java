package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.SyncAudit.Side;
import io.insula.syncer.engine.SyncAudit.Target;

/// One write of the [Writer], but for its body. Immutable.
///
/// @param side which API server
/// @param method of HTTP
/// @param kind of the object
/// @param namespace empty for objects of the cluster
/// @param name of the object
/// @param subresource empty for the object itself
/// @param query with its question mark; empty for none
record WriteRequest(
        Side side, String method, KindRef<?> kind, String namespace, String name, String subresource, String query) {

    private static final String AS_SYNCER = "?fieldManager=" + InsulaLabels.SYNCER;

    /// Server-side apply: what is wanted is this syncer's, whoever had it before.
    static WriteRequest apply(Side side, KindRef<?> kind, HasMetadata wanted, String subresource) {
        return of(side, "PATCH", kind, wanted, subresource, AS_SYNCER + "&force=true");
    }

    /// A patch of some fields.
    static WriteRequest patch(Side side, KindRef<?> kind, HasMetadata current, String subresource) {
        return of(side, "PATCH", kind, current, subresource, AS_SYNCER);
    }

    /// As above, for an object of which only the name is at hand.
    static WriteRequest patch(Side side, KindRef<?> kind, String namespace, String name, String subresource) {
        return new WriteRequest(side, "PATCH", kind, namespace, name, subresource, AS_SYNCER);
    }

    static WriteRequest create(Side side, KindRef<?> kind, HasMetadata wanted) {
        return of(side, "POST", kind, wanted, "", AS_SYNCER);
    }

    static WriteRequest delete(Side side, KindRef<?> kind, HasMetadata object) {
        return of(side, "DELETE", kind, object, "", "");
    }

    /// What is posted to a subresource of an object beside `neighbour`.
    static WriteRequest post(Side side, KindRef<?> kind, HasMetadata neighbour, String name, String subresource) {
        return new WriteRequest(side, "POST", kind, SyncKey.namespaceOf(neighbour), name, subresource, "");
    }

    private static WriteRequest of(
            Side side, String method, KindRef<?> kind, HasMetadata object, String subresource, String query) {
        return new WriteRequest(
                side,
                method,
                kind,
                SyncKey.namespaceOf(object),
                object.getMetadata().getName(),
                subresource,
                query);
    }

    /// The collection takes a new object; a subresource takes what is posted to it.
    String path() {
        boolean collection = method.equals("POST") && subresource.isEmpty();
        return kind.path(namespace, collection ? "" : name) + (subresource.isEmpty() ? "" : "/" + subresource) + query;
    }

    Target target() {
        return new Target(kind.group(), kind.version(), kind.plural(), subresource, namespace, name);
    }

    /// As audit events and RBAC have it.
    String verb() {
        return switch (method) {
            case "PATCH" -> "patch";
            case "DELETE" -> "delete";
            default -> "create";
        };
    }
}
