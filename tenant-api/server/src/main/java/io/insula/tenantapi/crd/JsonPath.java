package io.insula.tenantapi.crd;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;

/// The part of Kubernetes' JSONPath that printer columns use: fields (`.a.b`, `.a\.b`, `['a']`), elements (`[0]`,
/// `[*]`) and filters for equal text (`[?(@.type=="Ready")]`). Immutable.
/// Source: Kubernetes documentation, "JSONPath Support".
final class JsonPath {

    private static final Pattern STEP = Pattern.compile("(?:\\.((?:[^.\\[\\]\\\\]|\\\\.)+)"
            + "|\\[(\\d+)\\]|\\[(\\*)\\]|\\['([^']*)'\\]|\\[\"([^\"]*)\"\\]"
            + "|\\[\\?\\(@\\.([^=\\s)]+)\\s*==\\s*[\"']([^\"']*)[\"']\\)\\])");

    /// One step from a node to those below it.
    private sealed interface Step {
        record Field(String name) implements Step {}

        record Element(int index) implements Step {}

        record All() implements Step {}

        record Where(List<String> path, String value) implements Step {}
    }

    private final List<Step> steps;

    private JsonPath(List<Step> steps) {
        this.steps = List.copyOf(steps);
    }

    /// @throws IllegalArgumentException for a path outside this subset
    static JsonPath parse(String text) {
        var steps = new ArrayList<Step>();
        Matcher matcher = STEP.matcher(text);
        int end = 0;
        while (end < text.length() && matcher.find(end) && matcher.start() == end) {
            steps.add(step(matcher));
            end = matcher.end();
        }
        if (end != text.length() || steps.isEmpty()) {
            throw new IllegalArgumentException(
                    "jsonPath: " + text + " (expected: fields, elements or equality filters)");
        }
        return new JsonPath(steps);
    }

    /// Everything that the path leads to, in order.
    List<JsonNode> find(JsonNode root) {
        List<JsonNode> nodes = List.of(root);
        for (Step step : steps) {
            var next = new ArrayList<JsonNode>();
            nodes.forEach(node -> follow(step, node, next));
            nodes = next;
        }
        return nodes;
    }

    private static void follow(Step step, JsonNode node, List<JsonNode> into) {
        switch (step) {
            case Step.Field(var name) -> addPresent(node.path(name), into);
            case Step.Element(var index) -> addPresent(node.path(index), into);
            case Step.All() -> node.forEach(into::add);
            case Step.Where(var path, var value) ->
                node.forEach(element -> {
                    JsonNode found = element;
                    for (String field : path) {
                        found = found.path(field);
                    }
                    if (found.asText("").equals(value)) {
                        into.add(element);
                    }
                });
        }
    }

    private static void addPresent(JsonNode node, List<JsonNode> into) {
        if (!node.isMissingNode() && !node.isNull()) {
            into.add(node);
        }
    }

    private static Step step(Matcher matcher) {
        if (matcher.group(1) != null) {
            return new Step.Field(matcher.group(1).replaceAll("\\\\(.)", "$1"));
        }
        if (matcher.group(2) != null) {
            return new Step.Element(Integer.parseInt(matcher.group(2)));
        }
        if (matcher.group(3) != null) {
            return new Step.All();
        }
        if (matcher.group(6) != null) {
            return new Step.Where(List.of(matcher.group(6).split("\\.", -1)), matcher.group(7));
        }
        return new Step.Field(matcher.group(4) != null ? matcher.group(4) : matcher.group(5));
    }
}
