package io.insula.tenantapi.view;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.labels.LabelRules;
import java.util.Map;

/// Evaluates `LabelSelector` trees and the plain maps of Services. Source: kubernetes/apimachinery, `meta/v1` helpers.
public final class LabelSelectors {

    private LabelSelectors() {}

    /// Whether a `LabelSelector` (matchLabels, matchExpressions) selects these labels. An empty one selects all, an
    /// absent one nothing; an unknown operator selects nothing.
    public static boolean matches(JsonNode selector, Map<String, String> labels) {
        if (!selector.isObject()) {
            return false;
        }
        if (!matchesMap(selector.path("matchLabels"), labels)) {
            return false;
        }
        for (JsonNode expression : selector.path("matchExpressions")) {
            if (!matchesExpression(expression, labels)) {
                return false;
            }
        }
        return true;
    }

    /// Whether all pairs of a map are among the labels; an empty map matches all.
    public static boolean matchesMap(JsonNode wanted, Map<String, String> labels) {
        for (Map.Entry<String, JsonNode> pair : wanted.properties()) {
            if (!pair.getValue().asText().equals(labels.get(pair.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /// One requirement of a label or node selector: In, NotIn, Exists, DoesNotExist, Gt, Lt.
    public static boolean matchesExpression(JsonNode expression, Map<String, String> labels) {
        return LabelRules.matches(
                expression.path("operator").asText(),
                expression.path("values").valueStream().map(JsonNode::asText).toList(),
                labels.get(expression.path("key").asText()));
    }
}
