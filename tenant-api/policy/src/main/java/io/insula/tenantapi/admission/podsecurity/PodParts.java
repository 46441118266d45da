package io.insula.tenantapi.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Walks pod specs and words what was found there as upstream does.
final class PodParts {

    private PodParts() {}

    /// All containers: initial, main and ephemeral.
    static Stream<JsonNode> containers(JsonNode spec) {
        return Stream.of("initContainers", "containers", "ephemeralContainers")
                .flatMap(field -> spec.path(field).valueStream());
    }

    static JsonNode security(JsonNode podOrContainer) {
        return podOrContainer.path("securityContext");
    }

    static String name(JsonNode container) {
        return container.path("name").asText();
    }

    /// The names of the containers that `bad` finds.
    static List<String> names(JsonNode spec, Predicate<JsonNode> bad) {
        return containers(spec).filter(bad).map(PodParts::name).toList();
    }

    /// `pod and containers "a", "b"`: who set something; empty when nobody did.
    static Optional<String> setters(boolean pod, List<String> containers) {
        var setters = new ArrayList<String>();
        if (pod) {
            setters.add("pod");
        }
        if (!containers.isEmpty()) {
            setters.add(containers(containers));
        }
        return setters.isEmpty() ? Optional.empty() : Optional.of(String.join(" and ", setters));
    }

    /// `container "a"` or `containers "a", "b"`.
    static String containers(List<String> names) {
        return plural("container", names.size()) + " " + quoted(names);
    }

    static String plural(String word, int count) {
        return count == 1 ? word : word + "s";
    }

    static String quoted(Collection<String> texts) {
        return texts.stream().map(text -> '"' + text + '"').collect(Collectors.joining(", "));
    }

    static boolean isWindows(JsonNode spec) {
        return spec.path("os").path("name").asText("").equals("windows");
    }
}
