package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.insula.rules.labels.LabelRules;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether a node is what a pod asks for. Pure.
///
/// Source: kubernetes/component-helpers, `scheduling/corev1/nodeaffinity`.
final class NodeTerms {

    /// The one field of nodes that can be asked for.
    static final String NAME = "metadata.name";

    private NodeTerms() {}

    /// A term without any requirement matches no node.
    static boolean matches(NodeSelectorTerm term, String node, Map<String, String> labels) {
        boolean empty =
                term.getMatchExpressions().isEmpty() && term.getMatchFields().isEmpty();
        return !empty
                && term.getMatchExpressions().stream().allMatch(each -> matches(each, labels.get(each.getKey())))
                && term.getMatchFields().stream().allMatch(each -> each.getKey().equals(NAME) && matches(each, node));
    }

    private static boolean matches(NodeSelectorRequirement requirement, @Nullable String value) {
        return LabelRules.matches(requirement.getOperator(), requirement.getValues(), value);
    }
}
