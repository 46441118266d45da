package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;

/// Both sides of one object as the caches have them. Objects are shared: read, never change.
///
/// @param <T> the tenant's type; a host object may be of another (a machine for a pod)
public sealed interface SyncEvent<T extends HasMetadata> {

    record TenantOnly<T extends HasMetadata>(T tenant) implements SyncEvent<T> {}

    /// The host object carries this tenant object's uid, unless `spec().direction()` is upward.
    record Paired<T extends HasMetadata>(T tenant, HasMetadata host) implements SyncEvent<T> {}

    /// The tenant object is gone, or is another one of the same name.
    record HostOnly<T extends HasMetadata>(HasMetadata host) implements SyncEvent<T> {}
}
