package io.insula.syncer.kinds;

import io.insula.isolation.Profiles;
import io.insula.syncer.engine.Syncer;
import java.util.List;

/// Every syncer that this module has, for use without a container; a container collects the same beans itself.
public final class Syncers {

    private Syncers() {}

    public static List<Syncer<?>> builtIn() {
        return List.of(
                new PodSyncer(Profiles.builtIn()),
                new TokenSyncer(),
                new ServiceSyncer(),
                new EndpointSliceSyncer(),
                new NetworkPolicySyncer(),
                new DefaultClosedSyncer(),
                new DefaultPolicySyncer(),
                new DefaultEgressSyncer(),
                new DisruptionBudgetSyncer(),
                new ClaimSyncer(),
                new VolumeSyncer(),
                new StorageClassSyncer(),
                new ConfigMapSyncer(),
                new SecretSyncer(),
                new EventSyncer(),
                new NodeSyncer(),
                new RuntimeClassSyncer());
    }
}
