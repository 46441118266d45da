package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Label selectors, evaluated. Source: Kubernetes documentation, "Labels and Selectors", "Set-based
/// requirement".
final class Selectors {

    private Selectors() {}

    static boolean isEverything(LabelSelector selector) {
        return selector.getMatchExpressions().isEmpty()
                && (selector.getMatchLabels() == null
                        || selector.getMatchLabels().isEmpty());
    }

    static boolean matches(LabelSelector selector, @Nullable Map<String, String> labels) {
        Map<String, String> have = labels == null ? Map.of() : labels;
        boolean equal = selector.getMatchLabels() == null
                || selector.getMatchLabels().entrySet().stream()
                        .allMatch(wanted -> wanted.getValue().equals(have.get(wanted.getKey())));
        return equal && selector.getMatchExpressions().stream().allMatch(each -> matches(each, have));
    }

    private static boolean matches(LabelSelectorRequirement requirement, Map<String, String> labels) {
        var value = labels.get(requirement.getKey());
        return switch (requirement.getOperator()) {
            case "In" -> value != null && requirement.getValues().contains(value);
            case "NotIn" -> value == null || !requirement.getValues().contains(value);
            case "Exists" -> value != null;
            case "DoesNotExist" -> value == null;
            default -> false;
        };
    }
}
