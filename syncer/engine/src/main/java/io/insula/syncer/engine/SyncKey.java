package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.insula.syncer.engine.Syncer.Reference;
import java.util.Objects;

/// One object to look at, by its name in the tenant. Immutable.
///
/// @param syncer the name of the syncer that decides, as its [SyncSpec] declares it
/// @param namespace in the tenant; empty for cluster-scoped kinds
public record SyncKey(TenantId tenant, String syncer, String namespace, String name) {

    /// Of an object of the tenant's.
    ///
    /// @param syncer its name
    static SyncKey of(TenantId tenant, String syncer, HasMetadata object) {
        return new SyncKey(
                tenant, syncer, namespaceOf(object), object.getMetadata().getName());
    }

    static SyncKey of(TenantId tenant, Reference named) {
        return new SyncKey(tenant, named.syncer(), named.namespace(), named.name());
    }

    /// Empty for a cluster-scoped object.
    static String namespaceOf(HasMetadata object) {
        return Objects.requireNonNullElse(object.getMetadata().getNamespace(), "");
    }
}
