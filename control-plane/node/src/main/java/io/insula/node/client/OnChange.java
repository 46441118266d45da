package io.insula.node.client;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;

/// Runs the same whatever has become of an object; for whoever looks at the whole store then.
///
/// @param changed must not block
public record OnChange<T extends HasMetadata>(Runnable changed) implements ResourceEventHandler<T> {

    @Override
    public void onAdd(T object) {
        changed.run();
    }

    @Override
    public void onUpdate(T old, T object) {
        changed.run();
    }

    @Override
    public void onDelete(T object, boolean isUnknown) {
        changed.run();
    }
}
