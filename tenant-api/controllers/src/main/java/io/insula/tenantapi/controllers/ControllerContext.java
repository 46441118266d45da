package io.insula.tenantapi.controllers;

import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;

/// What one tenant's manager lends to one of its controllers.
public interface ControllerContext {

    /// The API as this controller.
    ObjectClient client();

    Clock clock();

    EventRecorder events();

    ClusterFacts facts();

    /// The shared cache of a resource; asking makes the manager fill it.
    Store store(GroupVersionResource resource);

    /// The shared cache of a part of a resource.
    Store store(GroupVersionResource resource, Query query);

    /// Reconciles `key` after `delay` (zero for now), besides what the watches say.
    void enqueueAfter(Key key, Duration delay);

    /// Runs later, for what is not about a key: a resync, a heartbeat. Dropped when the manager closes.
    void later(Duration delay, Runnable task);

    /// Follows the metadata of any resource: uses the shared cache where some controller has one, else a cache of
    /// metadata only. Ended by closing the returned handle or with the manager.
    AutoCloseable followMetadata(GroupVersionResource resource, Consumer<ObjectEvent> listener);
}
