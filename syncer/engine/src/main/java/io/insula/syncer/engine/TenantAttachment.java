package io.insula.syncer.engine;

import io.fabric8.kubernetes.client.Config;
import io.insula.isolation.TenantProfiles;
import java.net.URI;
import java.util.function.Supplier;

/// A tenant to sync.
///
/// @param config how to reach its API server, as a user who may read and write everything that is synced
/// @param weight its share of the workers against other tenants, at least 1
/// @param apiServer where the tenant's pods reach its API server: not always where the syncer does
/// @param profiles asked at each decision, so that a change needs no new attachment; must be fast
public record TenantAttachment(
        TenantId tenant, Config config, int weight, URI apiServer, Supplier<TenantProfiles> profiles) {

    public TenantAttachment {
        if (weight < 1) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: >= 1)");
        }
    }

    /// Pods reach the API server where the syncer does.
    public TenantAttachment(TenantId tenant, Config config, int weight, Supplier<TenantProfiles> profiles) {
        this(tenant, config, weight, URI.create(config.getMasterUrl()), profiles);
    }
}
