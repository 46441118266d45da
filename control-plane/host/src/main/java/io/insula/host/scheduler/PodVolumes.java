package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.objects.VolumeClaims;
import io.insula.tenantapi.controllers.storage.Matching;
import io.insula.tenantapi.view.Nodes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// What a pod's claims mean for where it may run. Immutable, pure.
///
/// Source: kubernetes, `pkg/scheduler/framework/plugins/volumebinding`, `volumerestrictions` and `volumezone`.
///
/// @param obstacle why the pod can run nowhere yet; empty when it can
/// @param volumes the bound ones
/// @param unbound claims that get a volume once a node is chosen, each with its class
/// @param exclusive names of claims that one pod alone may use
/// @param free volumes that are nobody's; none where no claim is unbound
record PodVolumes(
        String obstacle,
        List<ObjectNode> volumes,
        Map<ObjectNode, JsonNode> unbound,
        Set<String> exclusive,
        List<ObjectNode> free) {

    static final String NOT_THERE = "node(s) didn't match PersistentVolume's node affinity";
    static final String NONE_TO_BIND = "node(s) didn't find available persistent volumes to bind";
    static final String OTHER_ZONE = "node(s) had no available volume zone";
    static final String IN_USE =
            "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";

    private static final List<String> ZONES =
            List.of(WellKnownKeys.ZONE, WellKnownKeys.REGION, WellKnownKeys.BETA_ZONE, WellKnownKeys.BETA_REGION);

    PodVolumes {
        volumes = List.copyOf(volumes);
        unbound = Collections.unmodifiableMap(new LinkedHashMap<>(unbound));
        exclusive = Set.copyOf(exclusive);
        free = List.copyOf(free);
    }

    /// Finds one object by its key.
    interface Lookup extends Function<Key, Optional<ObjectNode>> {}

    /// @param all the volumes that there are, asked for only where one has to be found
    static PodVolumes of(
            ObjectNode pod, Lookup claims, Lookup volumes, Lookup classes, Supplier<Collection<ObjectNode>> all) {
        var bound = new ArrayList<ObjectNode>();
        var unbound = new LinkedHashMap<ObjectNode, JsonNode>();
        var exclusive = new HashSet<String>();
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
            if (isExclusive(claim.get())) {
                exclusive.add(name);
            }
            Optional<ObjectNode> kind = waitingClass(claim.get(), classes);
            if (VolumeClaims.isBound(claim.get())) {
                volumes.apply(Key.cluster(
                                claim.get().path("spec").path("volumeName").asText()))
                        .ifPresent(bound::add);
            } else if (kind.isPresent()) {
                unbound.put(claim.get(), kind.get());
            } else {
                return blocked("pod has unbound immediate PersistentVolumeClaims");
            }
        }
        var free = unbound.isEmpty() ? List.<ObjectNode>of() : List.copyOf(all.get());
        return new PodVolumes("", bound, unbound, exclusive, free);
    }

    /// Why a node cannot take the pod; empty when it can.
    Optional<String> against(ObjectNode node) {
        if (!volumes.stream().allMatch(volume -> isReached(volume, node))) {
            return Optional.of(NOT_THERE);
        }
        if (!unbound.isEmpty() && placed(node).isEmpty()) {
            return Optional.of(NONE_TO_BIND);
        }
        return volumes.stream().allMatch(volume -> isInZone(volume, node)) ? Optional.empty() : Optional.of(OTHER_ZONE);
    }

    /// Whether another pod uses what only one may use.
    ///
    /// @param cluster with the pods of all namespaces
    Optional<String> inUse(String namespace, Cluster cluster) {
        return !exclusive.isEmpty()
                        && cluster.placed()
                                .anyMatch(placed -> placed.namespace().equals(namespace)
                                        && placed.traits().claims().stream().anyMatch(exclusive::contains))
                ? Optional.of(IN_USE)
                : Optional.empty();
    }

    /// The volume of each unbound claim on a node: a free one, or none where one is to be made. Empty where neither can
    /// be.
    Optional<Map<ObjectNode, Optional<ObjectNode>>> placed(ObjectNode node) {
        var left = new ArrayList<>(free);
        left.removeIf(volume -> !isReached(volume, node));
        var found = new LinkedHashMap<ObjectNode, Optional<ObjectNode>>();
        for (var each : unbound.entrySet()) {
            Optional<ObjectNode> volume = Matching.best(each.getKey(), left, false);
            if (volume.isEmpty() && !isProvided(each.getValue(), node)) {
                return Optional.empty();
            }
            volume.ifPresent(left::remove);
            found.put(each.getKey(), volume);
        }
        return Optional.of(found);
    }

    private static boolean isProvided(JsonNode storageClass, JsonNode node) {
        if (storageClass.path("provisioner").asText("").equals(Matching.NO_PROVISIONER)) {
            return false;
        }
        JsonNode allowed = storageClass.path("allowedTopologies");
        return allowed.isEmpty() || allowed.valueStream().anyMatch(term -> isIn(term, Meta.labels(node)));
    }

    private static boolean isIn(JsonNode term, Map<String, String> labels) {
        return term.path("matchLabelExpressions")
                .valueStream()
                .allMatch(each -> each.path("values")
                        .valueStream()
                        .anyMatch(value -> value.asText()
                                .equals(labels.get(each.path("key").asText()))));
    }

    private static boolean isReached(JsonNode volume, JsonNode node) {
        JsonNode required = volume.path("spec").path("nodeAffinity").path("required");
        return !required.isObject()
                || required.path("nodeSelectorTerms").valueStream().anyMatch(term -> Nodes.matchesTerm(term, node));
    }

    /// A node that says of no zone is in every one.
    private static boolean isInZone(JsonNode volume, JsonNode node) {
        Map<String, String> labels = Meta.labels(node);
        if (ZONES.stream().noneMatch(labels::containsKey)) {
            return true;
        }
        Map<String, String> its = Meta.labels(volume);
        return ZONES.stream()
                .filter(its::containsKey)
                .allMatch(key -> Arrays.asList(its.getOrDefault(key, "").split("__", -1))
                        .contains(labels.getOrDefault(key, "")));
    }

    private static boolean isExclusive(JsonNode claim) {
        return claim.path("spec")
                .path("accessModes")
                .valueStream()
                .anyMatch(mode -> mode.asText().equals("ReadWriteOncePod"));
    }

    /// The claim's class, where its volumes wait for a pod.
    private static Optional<ObjectNode> waitingClass(ObjectNode claim, Lookup classes) {
        String name = Matching.storageClass(claim);
        return name.isEmpty()
                ? Optional.empty()
                : classes.apply(Key.cluster(name))
                        .filter(each ->
                                each.path("volumeBindingMode").asText("").equals("WaitForFirstConsumer"));
    }

    private static PodVolumes blocked(String obstacle) {
        return new PodVolumes(obstacle, List.of(), Map.of(), Set.of(), List.of());
    }
}
