package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;

/// Tells when an object comes, goes, or becomes another in what matters of it. Immutable.
///
/// @param isSame whether nothing that matters has changed between what an object was and what it is
/// @param tell told what it was and what it is: both the same where it came or went; must not block
record Differences<T>(BiPredicate<T, T> isSame, BiConsumer<T, T> tell) implements ResourceEventHandler<T> {

    @Override
    public void onAdd(T object) {
        tell.accept(object, object);
    }

    @Override
    public void onUpdate(T before, T object) {
        if (!isSame.test(before, object)) {
            tell.accept(before, object);
        }
    }

    @Override
    public void onDelete(T object, boolean finalStateUnknown) {
        tell.accept(object, object);
    }
}
