package io.insula.syncer.engine;

import io.fabric8.kubernetes.client.Config;
import io.insula.isolation.TenantProfiles;
import java.net.URI;
import java.util.List;
import java.util.function.Supplier;

/// A tenant to sync.
///
/// @param access how to reach its API server, as a user who may do there what [TenantRights] says. Asked before
///     each request, so that a credential can be renewed while watches go on: must be fast, and answer the same
///     instance until there is another
/// @param shortcut how to reach it where it runs in this process
/// @param weight its share of the workers against other tenants, at least 1
/// @param apiServer where the tenant's pods reach its API server: not always where the syncer does
/// @param setBack whether its store was set back to an older state and no person has said yet what goes: nothing is
///     deleted on the host then that no event told of, until [SyncEngine#release]
/// @param profiles asked at each decision, so that a change needs no new attachment; must be fast
/// @param own syncers of kinds that this tenant alone has synced, in namespaces on both sides, and named after nothing
///     that all tenants have. Either side may not serve such a kind ([SyncEngine#ownKinds])
public record TenantAttachment(
        TenantId tenant,
        Supplier<Config> access,
        Shortcut shortcut,
        int weight,
        URI apiServer,
        boolean setBack,
        Supplier<TenantProfiles> profiles,
        List<Syncer<?>> own) {

    public TenantAttachment {
        own = List.copyOf(own);
        if (weight < 1) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: >= 1)");
        }
    }

    /// With the syncers that all tenants have.
    public TenantAttachment(
            TenantId tenant,
            Supplier<Config> access,
            int weight,
            URI apiServer,
            boolean setBack,
            Supplier<TenantProfiles> profiles) {
        this(tenant, access, Shortcut.NONE, weight, apiServer, setBack, profiles, List.of());
    }

    /// Pods reach the API server where the syncer does, and its credential stays.
    public TenantAttachment(TenantId tenant, Config config, int weight, Supplier<TenantProfiles> profiles) {
        this(tenant, () -> config, weight, URI.create(config.getMasterUrl()), false, profiles);
    }
}
