package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.insula.syncer.engine.Change.TokenWish;
import io.insula.syncer.engine.NameMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The tokens that a pod's projected volumes ask for. The host's kubelet would ask the host's API server;
/// instead each becomes a key of one Secret on the host that only this pod mounts, which `TokenSyncer` has
/// filled by the tenant's API server.
final class PodTokens {

    /// The name of the syncer that keeps the Secret, and with which its name is made.
    static final String NAME = "Token";

    /// Source: Kubernetes API reference, `ServiceAccountTokenProjection.expirationSeconds`.
    private static final long DEFAULT_SECONDS = 3600;

    private PodTokens() {}

    static List<TokenWish> wishes(Pod tenant) {
        var wishes = new ArrayList<TokenWish>();
        for (var volume : tenant.getSpec().getVolumes()) {
            if (volume.getProjected() == null) {
                continue;
            }
            var sources = volume.getProjected().getSources();
            for (int i = 0; i < sources.size(); i++) {
                var token = sources.get(i).getServiceAccountToken();
                if (token != null) {
                    wishes.add(new TokenWish(
                            key(volume, i),
                            Objects.requireNonNullElse(token.getAudience(), ""),
                            Objects.requireNonNullElse(token.getExpirationSeconds(), DEFAULT_SECONDS)));
                }
            }
        }
        return wishes;
    }

    static String secretName(Pod tenant, NameMap names) {
        return names.hostName(NAME, Kinds.namespace(tenant), Kinds.name(tenant));
    }

    /// The same file from the Secret. Not optional: the pod waits for its token as it would for a kubelet's.
    static VolumeProjection fromSecret(Volume volume, int index, VolumeProjection source, Pod tenant, NameMap names) {
        return new VolumeProjectionBuilder()
                .withNewSecret()
                .withName(secretName(tenant, names))
                .addNewItem()
                .withKey(key(volume, index))
                .withPath(source.getServiceAccountToken().getPath())
                .endItem()
                .endSecret()
                .build();
    }

    private static String key(Volume volume, int index) {
        return volume.getName() + "." + index;
    }
}
