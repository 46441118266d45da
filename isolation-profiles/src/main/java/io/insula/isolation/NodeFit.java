package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.Toleration;
import io.insula.rules.keys.WellKnownKeys;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/// Which nodes of a host a profile could place a pod on, by their labels and taints. Pure.
public final class NodeFit {

    private static final Set<String> KEEPING_AWAY = Set.of("NoSchedule", "NoExecute");

    private NodeFit() {}

    /// By the profile's node pool and what its pods may tolerate.
    public static boolean fits(Node node, ProfileSettings profile) {
        return fits(node, profile, Map.of(), List.of());
    }

    /// @param labels that the sandbox asks for besides
    /// @param tolerated what the host adds to its pods
    static boolean fits(Node node, ProfileSettings profile, Map<String, String> labels, List<Toleration> tolerated) {
        var tolerations = Stream.of(profile.nodePool().tolerations(), profile.allowedTolerations(), tolerated)
                .flatMap(List::stream)
                .toList();
        var own = Objects.requireNonNullElse(node.getMetadata().getLabels(), Map.<String, String>of());
        return own.entrySet().containsAll(profile.nodePool().selector().entrySet())
                && own.entrySet().containsAll(labels.entrySet())
                && taints(node)
                        .filter(NodeFit::keepsAway)
                        // a node's own troubles come and go, and keep it from nobody for good
                        .filter(taint -> !taint.getKey().startsWith(WellKnownKeys.NODE_PREFIX))
                        .allMatch(taint -> tolerations.stream().anyMatch(each -> tolerates(each, taint)));
    }

    /// Source: Kubernetes documentation, "Taints and Tolerations".
    public static boolean tolerates(Toleration toleration, Taint taint) {
        var effect = Objects.requireNonNullElse(toleration.getEffect(), "");
        var key = Objects.requireNonNullElse(toleration.getKey(), "");
        if ((!effect.isEmpty() && !effect.equals(taint.getEffect()))
                || (!key.isEmpty() && !key.equals(taint.getKey()))) {
            return false;
        }
        return "Exists".equals(toleration.getOperator())
                || (!key.isEmpty()
                        && Objects.requireNonNullElse(toleration.getValue(), "")
                                .equals(Objects.requireNonNullElse(taint.getValue(), "")));
    }

    /// Whether a taint concerns the placement of pods.
    public static boolean keepsAway(Taint taint) {
        return KEEPING_AWAY.contains(taint.getEffect());
    }

    private static Stream<Taint> taints(Node node) {
        return node.getSpec() == null || node.getSpec().getTaints() == null
                ? Stream.empty()
                : node.getSpec().getTaints().stream();
    }
}
