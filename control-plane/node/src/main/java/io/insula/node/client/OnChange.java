package io.insula.node.client;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.function.Consumer;

/// Does the same whatever has become of an object; for whoever looks at the store then.
///
/// @param changed told the object as it is, or last was; must not block
public record OnChange<T extends HasMetadata>(Consumer<T> changed) implements ResourceEventHandler<T> {

    @Override
    public void onAdd(T object) {
        changed.accept(object);
    }

    @Override
    public void onUpdate(T old, T object) {
        changed.accept(object);
    }

    @Override
    public void onDelete(T object, boolean isUnknown) {
        changed.accept(object);
    }
}
