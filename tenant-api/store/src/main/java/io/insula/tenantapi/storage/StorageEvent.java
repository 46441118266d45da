package io.insula.tenantapi.storage;

import org.jspecify.annotations.Nullable;

/// One change of one key, in revision order.
///
/// @param value the bytes after the change; null when the key was deleted
/// @param previous the bytes before; null when the key was created, or when the store no longer has them
/// @param modRevision the revision of this change (of the deletion, for a delete)
public record StorageEvent(String key, byte @Nullable [] value, byte @Nullable [] previous, long modRevision) {}
