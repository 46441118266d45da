package io.insula.controlplane.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a change of an isolation profile would mean, as text. Pure.
final class ShownChange {

    private static final Map<String, String> OUTCOMES = Map.of(
            "refused", "would be refused",
            "moved", "would get another profile",
            "elsewhere", "would leave its node",
            "replaced", "would be another host pod");

    private static final String REFUSED = "refused";

    private ShownChange() {}

    static boolean isRefusing(JsonNode preview) {
        for (JsonNode pod : preview.path("pods")) {
            if (pod.path("outcome").asText().equals(REFUSED)) {
                return true;
            }
        }
        return false;
    }

    static String of(String profile, JsonNode preview) {
        var lines = new ArrayList<String>();
        String from = preview.path("from").asText("");
        String to = preview.path("to").asText();
        lines.add("profile " + profile + ": "
                + (from.isEmpty()
                        ? "new, version " + to
                        : from.equals(to)
                                ? "version " + to + " stays, pods are made as before"
                                : "version " + from + " -> " + to));
        lines.add("tenants: " + names(preview.path("tenants")));
        if (!preview.path("unasked").isEmpty()) {
            lines.add("do not run, and were not asked: " + names(preview.path("unasked")));
        }
        lines.add(preview.path("unchanged").asInt() + " pods stay the same");
        for (JsonNode pod : preview.path("pods")) {
            lines.add(line(pod));
        }
        if (!preview.path("pods").isEmpty()) {
            lines.add("pods that run stay as they are until they are made anew");
        }
        return String.join("\n", lines);
    }

    private static String names(JsonNode list) {
        var names = new ArrayList<String>();
        list.forEach(each -> names.add(each.asText()));
        return names.isEmpty() ? "none" : String.join(", ", names);
    }

    private static String line(JsonNode pod) {
        String outcome = pod.path("outcome").asText();
        var about = new ArrayList<String>();
        if (outcome.equals(REFUSED)) {
            about.add(pod.path("field").asText() + ": " + pod.path("message").asText());
        }
        if (pod.has("profile")) {
            about.add(pod.path("profile").asText());
        }
        var changes = new ArrayList<String>(List.of());
        pod.path("changes").forEach(each -> changes.add(each.asText()));
        about.addAll(changes);
        String node = pod.path("node").asText("");
        return pod.path("tenant").asText() + "  " + pod.path("namespace").asText() + "/"
                + pod.path("name").asText()
                + (node.isEmpty() ? "" : "  on " + node) + "  " + OUTCOMES.getOrDefault(outcome, outcome)
                + (about.isEmpty() ? "" : ": " + String.join(", ", about));
    }
}
