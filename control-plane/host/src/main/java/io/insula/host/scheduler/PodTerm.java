package io.insula.host.scheduler;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Json;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.view.LabelSelectors;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/// One term of a pod's affinity or anti-affinity to other pods. Immutable.
///
/// Source: kubernetes, `pkg/scheduler/framework`, `AffinityTerm`.
///
/// @param topologyKey the label of nodes whose value makes a domain
/// @param selector of pods, with what `matchLabelKeys` and `mismatchLabelKeys` add; missing for none
/// @param namespaces by name
/// @param namespaceSelector missing for none
/// @param weight of a preference; 0 for what is required
record PodTerm(String topologyKey, JsonNode selector, Set<String> namespaces, JsonNode namespaceSelector, int weight) {

    PodTerm {
        namespaces = Set.copyOf(namespaces);
    }

    /// @param kind `podAffinity` or `podAntiAffinity`
    static List<PodTerm> required(JsonNode pod, String kind) {
        var terms = new ArrayList<PodTerm>();
        affinity(pod, kind)
                .path("requiredDuringSchedulingIgnoredDuringExecution")
                .forEach(term -> terms.add(of(pod, term, 0)));
        return terms;
    }

    /// @param kind `podAffinity` or `podAntiAffinity`
    static List<PodTerm> preferred(JsonNode pod, String kind) {
        var terms = new ArrayList<PodTerm>();
        affinity(pod, kind)
                .path("preferredDuringSchedulingIgnoredDuringExecution")
                .forEach(each -> terms.add(of(
                        pod, each.path("podAffinityTerm"), each.path("weight").asInt())));
        return terms;
    }

    private static JsonNode affinity(JsonNode pod, String kind) {
        return pod.path("spec").path("affinity").path(kind);
    }

    private static PodTerm of(JsonNode pod, JsonNode term, int weight) {
        var namespaces = new HashSet<String>();
        term.path("namespaces").forEach(name -> namespaces.add(name.asText()));
        JsonNode selected = term.path("namespaceSelector");
        if (namespaces.isEmpty() && !selected.isObject()) {
            namespaces.add(Meta.namespace(pod));
        }
        return new PodTerm(
                term.path("topologyKey").asText(),
                merged(
                        term.path("labelSelector"),
                        Meta.labels(pod),
                        term.path("matchLabelKeys"),
                        term.path("mismatchLabelKeys")),
                namespaces,
                selected,
                weight);
    }

    /// A selector that also asks for the values which a pod's own labels have. An API server adds them when the pod is
    /// made; adding them again changes nothing.
    static JsonNode merged(JsonNode selector, Map<String, String> labels, JsonNode same, JsonNode different) {
        if (!selector.isObject() || (same.isEmpty() && different.isEmpty())) {
            return selector;
        }
        ObjectNode merged = selector.deepCopy();
        ArrayNode expressions = merged.withArrayProperty("matchExpressions");
        add(expressions, labels, same, "In");
        add(expressions, labels, different, "NotIn");
        return merged;
    }

    private static void add(ArrayNode expressions, Map<String, String> labels, JsonNode keys, String operator) {
        for (JsonNode key : keys) {
            String value = labels.get(key.asText());
            if (value != null) {
                ObjectNode expression = Json.object().put("key", key.asText()).put("operator", operator);
                expression.putArray("values").add(value);
                expressions.add(expression);
            }
        }
    }

    /// @param namespaceLabels of a namespace by its name; none for one that is not known
    boolean selects(
            String namespace, Map<String, String> labels, Function<String, Map<String, String>> namespaceLabels) {
        boolean inside = namespaces.contains(namespace)
                || (namespaceSelector.isObject()
                        && LabelSelectors.matches(namespaceSelector, namespaceLabels.apply(namespace)));
        return inside && LabelSelectors.matches(selector, labels);
    }
}
