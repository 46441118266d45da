package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.ports.ObjectClient;
import io.insula.tenantapi.view.PodView;
import java.util.Optional;

/// Whether a node could mount what a pod claims, in the kubelet's words.
final class PodClaims {

    private PodClaims() {}

    static Optional<String> whyNotMounted(ObjectClient client, ObjectNode pod) {
        for (JsonNode volume : PodView.of(pod).spec().volumes()) {
            Optional<String> name = VolumeClaims.nameIn(volume, pod);
            if (name.isEmpty()) {
                continue;
            }
            String where = Meta.namespace(pod) + "/" + name.get();
            Optional<ObjectNode> claim =
                    client.get(Resources.PERSISTENT_VOLUME_CLAIMS, Meta.namespace(pod), name.get());
            String why = claim.isEmpty()
                    ? "failed to fetch PVC from API server: persistentvolumeclaim \"" + name.get() + "\" not found"
                    : VolumeClaims.isBound(claim.get()) ? "" : "PVC is not bound";
            if (!why.isEmpty()) {
                String volumes = "[" + volume.path("name").asText() + "]";
                return Optional.of("Unable to attach or mount volumes: unmounted volumes=" + volumes
                        + ", unattached volumes=" + volumes + ", failed to process volumes=" + volumes
                        + ": error processing PVC " + where + ": " + why);
            }
        }
        return Optional.empty();
    }
}
