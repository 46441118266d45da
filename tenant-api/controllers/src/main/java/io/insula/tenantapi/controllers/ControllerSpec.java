package io.insula.tenantapi.controllers;

import io.insula.reconcile.Order;
import io.insula.tenantapi.api.GroupVersionResource;
import io.insula.tenantapi.ports.ObjectClient.Query;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What a controller watches, and which keys each change concerns. Immutable but for the order, which the controller's
/// queue keeps its keys in.
///
/// @param workers how many keys are reconciled at once, at least 1
/// @param order which of the keys that wait is next; of this controller's alone
public record ControllerSpec(int workers, List<Watched> watches, Order<Key> order) {

    public ControllerSpec(int workers, List<Watched> watches) {
        this(workers, watches, Order.firstCome());
    }

    public ControllerSpec {
        if (workers < 1) {
            throw new IllegalArgumentException("workers: " + workers + " (expected: >= 1)");
        }
        watches = List.copyOf(watches);
    }

    /// From a change to the keys it concerns. Called on the informer's thread: quick, no I/O; stores may still be
    /// filling.
    @FunctionalInterface
    public interface KeyMapping {
        Collection<Key> keysOf(ObjectEvent event);
    }

    /// @param query narrows what is listed and cached
    public record Watched(GroupVersionResource resource, Query query, KeyMapping mapping) {}

    /// Reconciles the objects of `primary` under their own names.
    public static ControllerSpec of(GroupVersionResource primary) {
        return watching(primary, event -> List.of(Key.of(event.object())));
    }

    public static ControllerSpec watching(GroupVersionResource resource, KeyMapping mapping) {
        return new ControllerSpec(2, List.of(new Watched(resource, Query.ALL, mapping)));
    }

    public ControllerSpec workers(int count) {
        return new ControllerSpec(count, watches, order);
    }

    public ControllerSpec order(Order<Key> other) {
        return new ControllerSpec(workers, watches, other);
    }

    public ControllerSpec watch(GroupVersionResource resource, KeyMapping mapping) {
        return watch(resource, Query.ALL, mapping);
    }

    public ControllerSpec watch(GroupVersionResource resource, Query query, KeyMapping mapping) {
        var all = new ArrayList<>(watches);
        all.add(new Watched(resource, query, mapping));
        return new ControllerSpec(workers, all, order);
    }
}
