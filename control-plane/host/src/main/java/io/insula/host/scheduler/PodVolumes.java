package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.view.Nodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What a pod's claims mean for where it may run. Immutable, pure.
/// Source: kubernetes, `pkg/scheduler/framework/plugins/volumebinding` and `volumerestrictions`.
///
/// @param obstacle why the pod can run nowhere yet; empty when it can
/// @param volumes the bound ones
/// @param unbound claims that get a volume once a node is chosen
record PodVolumes(String obstacle, List<ObjectNode> volumes, List<ObjectNode> unbound) {

    PodVolumes {
        volumes = List.copyOf(volumes);
        unbound = List.copyOf(unbound);
    }

    /// Finds one object by its key.
    interface Lookup extends Function<Key, Optional<ObjectNode>> {}

    static PodVolumes of(ObjectNode pod, Lookup claims, Lookup volumes, Lookup classes) {
        var bound = new ArrayList<ObjectNode>();
        var unbound = new ArrayList<ObjectNode>();
        for (String name : VolumeClaims.of(pod)) {
            Optional<ObjectNode> claim = claims.apply(new Key(Meta.namespace(pod), name));
            if (claim.isEmpty()) {
                return blocked("persistentvolumeclaim \"" + name + "\" not found");
            }
            if (Meta.isBeingDeleted(claim.get())) {
                return blocked("persistentvolumeclaim \"" + name + "\" is being deleted");
            }
            if (claim.get().path("status").path("phase").asText().equals("Lost")) {
                return blocked("persistentvolumeclaim \"" + name + "\" bound to non-existent persistentvolume \""
                        + claim.get().path("spec").path("volumeName").asText() + "\"");
            }
            if (VolumeClaims.isBound(claim.get())) {
                volumes.apply(Key.cluster(
                                claim.get().path("spec").path("volumeName").asText()))
                        .ifPresent(bound::add);
            } else if (waitsForConsumer(claim.get(), classes)) {
                unbound.add(claim.get());
            } else {
                return blocked("pod has unbound immediate PersistentVolumeClaims");
            }
        }
        return new PodVolumes("", bound, unbound);
    }

    /// Why a node cannot take the pod; empty when it can.
    Optional<String> against(ObjectNode node) {
        for (ObjectNode volume : volumes) {
            JsonNode required = volume.path("spec").path("nodeAffinity").path("required");
            boolean fits = !required.isObject();
            for (JsonNode term : required.path("nodeSelectorTerms")) {
                fits |= Nodes.matchesTerm(term, node);
            }
            if (!fits) {
                return Optional.of("node(s) didn't match PersistentVolume's node affinity");
            }
        }
        return Optional.empty();
    }

    private static boolean waitsForConsumer(ObjectNode claim, Lookup classes) {
        String name = claim.path("spec").path("storageClassName").asText("");
        return !name.isEmpty()
                && classes.apply(Key.cluster(name))
                        .map(c -> c.path("volumeBindingMode").asText(""))
                        .filter("WaitForFirstConsumer"::equals)
                        .isPresent();
    }

    private static PodVolumes blocked(String obstacle) {
        return new PodVolumes(obstacle, List.of(), List.of());
    }
}
