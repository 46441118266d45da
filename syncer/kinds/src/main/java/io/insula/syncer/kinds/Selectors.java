package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.insula.rules.labels.LabelRules;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Label selectors, evaluated. Pure.
final class Selectors {

    private Selectors() {}

    static boolean isEverything(LabelSelector selector) {
        return selector.getMatchExpressions().isEmpty()
                && (selector.getMatchLabels() == null
                        || selector.getMatchLabels().isEmpty());
    }

    static boolean matches(LabelSelector selector, @Nullable Map<String, String> labels) {
        Map<String, String> have = labels == null ? Map.of() : labels;
        return LabelRules.hasAll(have, selector.getMatchLabels())
                && selector.getMatchExpressions().stream()
                        .allMatch(each ->
                                LabelRules.matches(each.getOperator(), each.getValues(), have.get(each.getKey())));
    }
}
