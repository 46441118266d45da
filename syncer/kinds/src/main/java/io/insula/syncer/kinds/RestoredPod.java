package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A host pod that takes the place of one that the host lost: the tenant's pod is bound to a node, for good, and so it
/// runs there again.
final class RestoredPod {

    private RestoredPod() {}

    /// @param node where the tenant's pod is bound; null or empty where it is not
    static Pod of(Pod host, @Nullable String node) {
        if (node == null || node.isEmpty()) {
            return host;
        }
        var onNode = new NodeSelectorRequirementBuilder()
                .withKey("metadata.name")
                .withOperator("In")
                .withValues(node)
                .build();
        return new PodBuilder(host)
                .editSpec()
                .editOrNewAffinity()
                .editOrNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .withNodeSelectorTerms(
                        terms(host).stream().map(term -> pinned(term, onNode)).toList())
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .endAffinity()
                .endSpec()
                .build();
    }

    /// Any of them has to hold, so each of them gets the node.
    private static List<NodeSelectorTerm> terms(Pod host) {
        return Optional.ofNullable(host.getSpec().getAffinity())
                .map(affinity -> affinity.getNodeAffinity())
                .map(affinity -> affinity.getRequiredDuringSchedulingIgnoredDuringExecution())
                .map(NodeSelector::getNodeSelectorTerms)
                .filter(terms -> !terms.isEmpty())
                .orElseGet(() -> List.of(new NodeSelectorTerm()));
    }

    private static NodeSelectorTerm pinned(NodeSelectorTerm term, NodeSelectorRequirement onNode) {
        return new NodeSelectorTermBuilder(term).addToMatchFields(onNode).build();
    }
}
