package io.insula.syncer.engine;

/// One object to look at, by its name in the tenant. Immutable.
///
/// @param kind of the tenant object
/// @param namespace in the tenant; empty for cluster-scoped kinds
public record SyncKey(TenantId tenant, String kind, String namespace, String name) {}
