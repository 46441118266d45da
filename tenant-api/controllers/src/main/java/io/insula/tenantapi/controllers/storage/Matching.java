package io.insula.tenantapi.controllers.storage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.resources.Quantity;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.LabelSelectors;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Which volume suits a claim. Pure. Source: kubernetes/component-helpers, `storage/volume/pv_helpers.go`.
public final class Matching {

    /// Of a class whose volumes somebody makes by hand.
    public static final String NO_PROVISIONER = "kubernetes.io/no-provisioner";

    private Matching() {}

    /// One that is meant for the claim already, else the smallest free one.
    ///
    /// @param onlyMeant whether the claim waits for a pod and takes none that is merely free
    public static Optional<ObjectNode> best(ObjectNode claim, Collection<ObjectNode> volumes, boolean onlyMeant) {
        Optional<ObjectNode> meant = volumes.stream()
                .filter(volume -> isMeantFor(volume, claim) && suits(volume, claim))
                .findFirst();
        if (meant.isPresent() || onlyMeant) {
            return meant;
        }
        return volumes.stream()
                .filter(volume -> !volume.path("spec").hasNonNull("claimRef") && !Meta.isBeingDeleted(volume))
                .filter(volume -> volume.path("status").path("phase").asText().equals("Available"))
                .filter(volume -> suits(volume, claim))
                .filter(volume -> LabelSelectors.matches(selector(claim), Meta.labels(volume))
                        || !claim.path("spec").hasNonNull("selector"))
                .min(Comparator.<ObjectNode, Quantity>comparing(Matching::capacity)
                        .thenComparing(Meta::name));
    }

    static boolean isMeantFor(JsonNode volume, JsonNode claim) {
        JsonNode reference = volume.path("spec").path("claimRef");
        String uid = reference.path("uid").asText("");
        return reference.path("name").asText("").equals(Meta.name(claim))
                && reference.path("namespace").asText("").equals(Meta.namespace(claim))
                && (uid.isEmpty() || uid.equals(Meta.uid(claim)));
    }

    /// Size, class, mode and access.
    static boolean suits(JsonNode volume, JsonNode claim) {
        return capacity(volume).compareTo(asked(claim)) >= 0
                && storageClass(volume).equals(storageClass(claim))
                && mode(volume).equals(mode(claim))
                && modes(volume).containsAll(modes(claim));
    }

    /// Of a claim or a volume; empty for none.
    public static String storageClass(JsonNode object) {
        return Meta.annotations(object)
                .getOrDefault(
                        WellKnownKeys.STORAGE_CLASS,
                        object.path("spec").path("storageClassName").asText(""));
    }

    private static JsonNode selector(JsonNode claim) {
        return claim.path("spec").path("selector");
    }

    private static String mode(JsonNode object) {
        return object.path("spec").path("volumeMode").asText("Filesystem");
    }

    private static Set<String> modes(JsonNode object) {
        var modes = new HashSet<String>();
        object.path("spec").path("accessModes").forEach(mode -> modes.add(mode.asText()));
        return modes;
    }

    private static Quantity capacity(JsonNode volume) {
        return quantity(volume.path("spec").path("capacity"));
    }

    private static Quantity asked(JsonNode claim) {
        return quantity(claim.path("spec").path("resources").path("requests"));
    }

    private static Quantity quantity(JsonNode list) {
        return Quantity.orZero(list.path("storage").asText(""));
    }
}
