package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a container on a simulated node does, known by its image and command alone: nothing is pulled or run. The table
/// of rules is in the module's README. Immutable, pure.
sealed interface Behavior {

    /// Put on a pod to make its containers end with this code, whatever they are.
    String SIMULATE_EXIT = "insula.io/simulate-exit";

    /// Tags that nobody gives to an image.
    Set<String> MISSING_TAGS =
            Set.of("404", "invalid", "nonexistent", "non-existent", "does-not-exist", "doesnotexist");

    /// Until it is stopped.
    record Runs() implements Behavior {}

    /// @param after its start
    record Ends(int code, Duration after) implements Behavior {}

    /// There is no such image.
    ///
    /// @param reason `ErrImagePull` or `InvalidImageName`
    record Missing(String reason, String message) implements Behavior {}

    /// Of an ordinary container.
    ///
    /// @param run how many runs of the container came before, which may have left files
    /// @param pace the shortest time that anything takes
    static Behavior of(JsonNode pod, JsonNode container, int run, Duration pace) {
        Optional<Behavior> missing = missing(container);
        String told = Meta.annotations(pod).getOrDefault(SIMULATE_EXIT, "").strip();
        return missing.isEmpty() && told.matches("\\d{1,3}")
                ? new Ends(Integer.parseInt(told), pace.multipliedBy(2))
                : missing.orElseGet(() -> ContainerRuns.behavior(pod, container, run, pace));
    }

    /// An init container always ends.
    static Behavior ofInit(JsonNode pod, JsonNode container, int run, Duration pace) {
        Behavior own = alone(pod, container, run, pace);
        return own instanceof Runs ? new Ends(0, pace) : own;
    }

    /// By image and command alone, whatever the annotation says.
    static Behavior alone(JsonNode pod, JsonNode container, int run, Duration pace) {
        return missing(container).orElseGet(() -> ContainerRuns.behavior(pod, container, run, pace));
    }

    private static Optional<Behavior> missing(JsonNode container) {
        String image = container.path("image").asText("");
        if (!ImageNames.isValid(image)) {
            return Optional.of(new Missing(
                    "InvalidImageName",
                    "Failed to apply default image tag \"" + image + "\": couldn't parse image name: invalid reference"
                            + " format"));
        }
        return !isMissing(image)
                ? Optional.empty()
                : Optional.of(new Missing(
                        "ErrImagePull",
                        "failed to pull and unpack image \"" + image + "\": failed to resolve reference \"" + image
                                + "\": " + image + ": not found"));
    }

    private static boolean isMissing(String image) {
        String registry = ImageNames.registry(image).toLowerCase(Locale.ROOT);
        return List.of(registry.split("[.:]", -1)).contains("invalid") || MISSING_TAGS.contains(ImageNames.tag(image));
    }
}
