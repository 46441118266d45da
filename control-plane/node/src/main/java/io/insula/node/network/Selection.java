package io.insula.node.network;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a label selector selects. Pure. Source: Kubernetes documentation, "Labels and Selectors".
final class Selection {

    private Selection() {}

    /// An empty selector selects everything.
    static boolean matches(LabelSelector selector, Map<String, String> labels) {
        Map<String, String> equal = selector.getMatchLabels();
        boolean isEqual = equal == null
                || equal.entrySet().stream().allMatch(e -> e.getValue().equals(labels.get(e.getKey())));
        return isEqual && selector.getMatchExpressions().stream().allMatch(each -> matches(each, labels));
    }

    private static boolean matches(LabelSelectorRequirement requirement, Map<String, String> labels) {
        @Nullable String value = labels.get(requirement.getKey());
        return switch (requirement.getOperator()) {
            case "In" -> value != null && requirement.getValues().contains(value);
            case "NotIn" -> value == null || !requirement.getValues().contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            // unknown: selects nobody
            default -> false;
        };
    }
}
