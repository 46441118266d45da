package io.insula.node.network;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.insula.rules.labels.LabelRules;
import java.util.Map;

/// What a label selector selects. Pure.
final class Selection {

    private Selection() {}

    /// An empty selector selects everything.
    static boolean matches(LabelSelector selector, Map<String, String> labels) {
        return LabelRules.hasAll(labels, selector.getMatchLabels())
                && selector.getMatchExpressions().stream()
                        .allMatch(each ->
                                LabelRules.matches(each.getOperator(), each.getValues(), labels.get(each.getKey())));
    }
}
