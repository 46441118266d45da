package io.insula.controlplane.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.insula.tenantapi.api.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What the service says of a pod, for people: the profile and why, what each profile refuses, and the host's object
/// as a difference from the pod's. Pure.
final class ShownExplanation {

    private ShownExplanation() {}

    static String of(ObjectNode pod, JsonNode explanation) {
        var text = new StringBuilder();
        text.append("pod ").append(pod.path("metadata").path("name").asText()).append('\n');
        text.append("isolation profile \"")
                .append(explanation.path("profile").asText())
                .append("\": ")
                .append(explanation.path("why").asText())
                .append('\n');
        if (isRefused(explanation)) {
            text.append("refused: ").append(refusal(explanation)).append('\n');
        }
        var rows = new ArrayList<List<String>>();
        explanation
                .path("profiles")
                .forEach(each -> rows.add(
                        List.of(each.path("name").asText(), isRefused(each) ? "no: " + refusal(each) : "yes")));
        text.append('\n').append(TextTable.render(List.of("PROFILE", "RUNS-IT"), rows));
        explanation
                .path("notes")
                .forEach(note -> text.append("\nnote: ").append(note.asText()).append('\n'));
        if (explanation.path("host").isObject()) {
            text.append("\n- the pod\n+ on the host\n");
            TextDiff.of(lines(pod), lines(explanation.path("host")))
                    .forEach(line -> text.append(line).append('\n'));
        }
        return text.toString();
    }

    static boolean isRefused(JsonNode verdict) {
        return verdict.path("refused").isObject();
    }

    private static String refusal(JsonNode verdict) {
        JsonNode refused = verdict.path("refused");
        return refused.path("field").asText() + ": " + refused.path("message").asText();
    }

    /// In one order, so that only what is different differs.
    private static List<String> lines(JsonNode tree) {
        try {
            var sorted = Json.MAPPER.treeToValue(sorted(tree), Object.class);
            return Serialization.asYaml(sorted)
                    .lines()
                    .filter(line -> !line.equals("---"))
                    .toList();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no tree: " + tree, e);
        }
    }

    private static JsonNode sorted(JsonNode tree) {
        if (tree.isObject()) {
            ObjectNode all = Json.object();
            tree.properties().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(each -> all.set(each.getKey(), sorted(each.getValue())));
            return all;
        }
        if (tree.isArray()) {
            var all = Json.MAPPER.createArrayNode();
            tree.forEach(each -> all.add(sorted(each)));
            return all;
        }
        return tree;
    }
}
