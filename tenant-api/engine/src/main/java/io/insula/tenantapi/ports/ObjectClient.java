package io.insula.tenantapi.ports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.GroupVersionResource;
import java.util.List;
import java.util.Optional;

/// The API of one tenant in process, as one user: what a controller holds. Every call runs the same defaulting,
/// admission, validation and audit as a request from outside, without HTTP. `namespace` is empty for cluster-scoped
/// resources and, on list and watch, for all namespaces. Trees handed out are the caller's own copies.
///
/// Errors are [io.insula.tenantapi.api.ApiException]s, exactly as a client outside would get.
public interface ObjectClient {

    /// The same server as another user (audit and managed fields carry it).
    ObjectClient as(String controllerName);

    /// The same server, for decisions: what it reads shows every write that this server has acknowledged, but
    /// perhaps not yet what another server of the same store wrote a moment ago. Costs the store nothing as a
    /// rule. Who refuses because something is missing asks again without it.
    default ObjectClient recent() {
        return this;
    }

    /// The same server, for steps that are taken again when they were decided too early: as [#recent] of what is in
    /// memory, and the latest of all else. Brings nothing into memory by itself.
    default ObjectClient atHand() {
        return this;
    }

    Optional<ObjectNode> get(GroupVersionResource resource, String namespace, String name);

    ObjectList list(GroupVersionResource resource, String namespace, Query query);

    ObjectNode create(GroupVersionResource resource, String namespace, ObjectNode object);

    /// Replaces; the object's resourceVersion, if set, must be the stored one.
    ///
    /// @param subresource `status`, `finalize` … or empty
    ObjectNode update(GroupVersionResource resource, String namespace, String subresource, ObjectNode object);

    /// RFC 7386 merge patch.
    ObjectNode mergePatch(
            GroupVersionResource resource, String namespace, String name, String subresource, JsonNode patch);

    /// POST to a subresource (`binding`, `eviction`, `token`).
    ObjectNode createSubresource(
            GroupVersionResource resource, String namespace, String name, String subresource, ObjectNode body);

    /// @param options a `DeleteOptions` tree, may be empty: gracePeriodSeconds, preconditions, propagationPolicy
    /// @return the deleted or lingering object, or the `Status`
    ObjectNode delete(GroupVersionResource resource, String namespace, String name, ObjectNode options);

    /// Changes after `resourceVersion`. The handler is called in order, one call at a time, on a thread of the server's
    /// shared pool. An end (compaction, overload, shutdown) is told by [WatchHandler#onEnd]: list again.
    AutoCloseable watch(
            GroupVersionResource resource, String namespace, String resourceVersion, Query query, WatchHandler handler);

    /// Every resource currently served (built-in and custom), storage version of each only: for the namespace
    /// controller and the garbage collector.
    List<ResourceInfo> resources();

    /// What servers behind this one serve (aggregated API servers), as they last told. Of these resources objects can
    /// be listed (their metadata) and deleted through this client, which asks the server behind as this client's
    /// user; nothing else.
    default List<ResourceInfo> resourcesBehind() {
        return List.of();
    }

    /// @param labelSelector empty for all
    /// @param fieldSelector empty for all
    record Query(String labelSelector, String fieldSelector) {
        public static final Query ALL = new Query("", "");
    }

    record ObjectList(String resourceVersion, List<ObjectNode> items) {}

    record ResourceInfo(GroupVersionResource resource, String kind, boolean namespaced, java.util.Set<String> verbs) {}

    interface WatchHandler {
        /// @param type ADDED, MODIFIED or DELETED
        void onEvent(String type, ObjectNode object);

        void onEnd();
    }
}
