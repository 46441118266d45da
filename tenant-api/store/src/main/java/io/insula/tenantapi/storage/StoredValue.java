package io.insula.tenantapi.storage;

/// One key as stored.
///
/// @param value the bytes; owned by the receiver, who must not change them
/// @param modRevision the store's revision of the last write of this key, which is the object's resourceVersion
public record StoredValue(String key, byte[] value, long modRevision) {}
