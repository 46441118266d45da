package io.insula.tenantapi.view;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import java.util.Map;
import java.util.stream.Stream;

/// Whether pods and nodes suit each other: taints, node selectors, node affinity.
/// Source: kubernetes/component-helpers, `scheduling/corev1`.
public final class Nodes {

    private Nodes() {}

    public static boolean tolerates(JsonNode pod, JsonNode taint) {
        for (JsonNode toleration : PodView.of(pod).spec().tolerations()) {
            if (tolerationMatches(toleration, taint)) {
                return true;
            }
        }
        return false;
    }

    /// The taints of a node that keep a pod away, and that it does not tolerate: what only prefers others does not.
    ///
    /// @param pod as it is, with a spec; need not be on a node
    public static Stream<JsonNode> untolerated(JsonNode pod, JsonNode node) {
        return node.path("spec")
                .path("taints")
                .valueStream()
                .filter(taint -> !taint.path("effect").asText().equals("PreferNoSchedule") && !tolerates(pod, taint));
    }

    public static boolean tolerationMatches(JsonNode toleration, JsonNode taint) {
        String effect = toleration.path("effect").asText("");
        String key = toleration.path("key").asText("");
        if (!effect.isEmpty() && !effect.equals(taint.path("effect").asText())) {
            return false;
        }
        if (!key.isEmpty() && !key.equals(taint.path("key").asText())) {
            return false;
        }
        if (toleration.path("operator").asText("").equals("Exists")) {
            return true;
        }
        return !key.isEmpty()
                && toleration
                        .path("value")
                        .asText("")
                        .equals(taint.path("value").asText(""));
    }

    /// Whether a pod spec's node selector and required node affinity select a node.
    public static boolean areSelected(JsonNode podSpec, JsonNode node) {
        JsonNode required =
                podSpec.path("affinity").path("nodeAffinity").path("requiredDuringSchedulingIgnoredDuringExecution");
        return LabelSelectors.matchesMap(podSpec.path("nodeSelector"), Meta.labels(node))
                && (!required.isObject() || anyTerm(required.path("nodeSelectorTerms"), node));
    }

    /// Whether a node selector term (expressions over labels, fields over `metadata.name`) selects a node.
    public static boolean matchesTerm(JsonNode term, JsonNode node) {
        if (term.path("matchExpressions").isEmpty() && term.path("matchFields").isEmpty()) {
            return false;
        }
        Map<String, String> labels = Meta.labels(node);
        for (JsonNode expression : term.path("matchExpressions")) {
            if (!LabelSelectors.matchesExpression(expression, labels)) {
                return false;
            }
        }
        for (JsonNode field : term.path("matchFields")) {
            if (!LabelSelectors.matchesExpression(field, Map.of("metadata.name", Meta.name(node)))) {
                return false;
            }
        }
        return true;
    }

    private static boolean anyTerm(JsonNode terms, JsonNode node) {
        for (JsonNode term : terms) {
            if (matchesTerm(term, node)) {
                return true;
            }
        }
        return false;
    }
}
