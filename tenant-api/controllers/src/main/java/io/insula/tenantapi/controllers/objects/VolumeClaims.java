package io.insula.tenantapi.controllers.objects;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What pods claim. Pure. Source: kubernetes, `pkg/scheduler/framework/plugins/volumebinding`; component-helpers
/// `storage/ephemeral`.
public final class VolumeClaims {

    /// Put on a claim by the scheduler: the node for which a volume is wanted.
    public static final String SELECTED_NODE = WellKnownKeys.SELECTED_NODE;

    /// On claims that were bound once.
    public static final String BIND_COMPLETED = WellKnownKeys.BIND_COMPLETED;

    private VolumeClaims() {}

    /// The claims of a pod's volumes.
    public static List<String> of(JsonNode pod) {
        var names = new ArrayList<String>();
        PodView.of(pod).spec().volumes().forEach(volume -> nameIn(volume, pod).ifPresent(names::add));
        return names;
    }

    /// The claim of one volume: its own, or the one that is made for it.
    public static Optional<String> nameIn(JsonNode volume, JsonNode pod) {
        if (volume.hasNonNull("ephemeral")) {
            return Optional.of(Meta.name(pod) + "-" + volume.path("name").asText());
        }
        String name = volume.path("persistentVolumeClaim").path("claimName").asText("");
        return name.isEmpty() ? Optional.empty() : Optional.of(name);
    }

    /// What a volume says of the claim that has it, or is to have it.
    public static ObjectNode reference(ObjectNode claim) {
        return Json.object()
                .put("apiVersion", "v1")
                .put("kind", "PersistentVolumeClaim")
                .put("namespace", Meta.namespace(claim))
                .put("name", Meta.name(claim))
                .put("uid", Meta.uid(claim));
    }

    /// Bound to a volume, and the binding complete.
    public static boolean isBound(JsonNode claim) {
        return claim.path("spec").hasNonNull("volumeName")
                && Meta.annotations(claim).containsKey(BIND_COMPLETED);
    }
}
