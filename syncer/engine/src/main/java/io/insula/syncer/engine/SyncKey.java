package io.insula.syncer.engine;

/// One object to look at, by its name in the tenant. Immutable.
///
/// @param kind the name of the syncer, which is the tenant object's kind unless several look at one
/// @param namespace in the tenant; empty for cluster-scoped kinds
public record SyncKey(TenantId tenant, String kind, String namespace, String name) {}
