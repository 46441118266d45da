package io.insula.controlplane.cluster;

import io.insula.controlplane.tenant.Clusters;
import io.insula.controlplane.tenant.Stores;
import io.insula.isolation.Profiles;
import io.insula.syncer.engine.Syncer;
import io.insula.tenantapi.controllers.ControllerManagers;
import io.insula.tenantapi.server.ServerComponents;
import java.util.List;

/// What a service starts for its tenants, as in production, for tests of other packages that let services die.
public record MortalClusters(Stores stores, Clusters clusters, Runnable cut) {

    /// @return `cut` ends all connections at once, as the end of a process does
    public static MortalClusters of(
            ServerComponents components, ControllerManagers managers, Profiles profiles, List<Syncer<?>> syncers) {
        var clusters = new InProcessClusters(components, managers, profiles, syncers, new NearServers());
        return new MortalClusters(new EtcdChildren(), clusters, clusters::stop);
    }
}
