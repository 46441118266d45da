package io.insula.host.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.tenantapi.api.Meta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a container on a simulated node does, known by its image and command alone: nothing is pulled or run. The table
/// of rules is in the module's README. Immutable, pure.
sealed interface Behavior {

    /// Put on a pod to make its containers end with this code, whatever they are.
    String SIMULATE_EXIT = "insula.io/simulate-exit";

    /// Images whose own command ends by itself.
    Set<String> ONE_SHOT = Set.of("hello-world", "perl");

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

    /// @param pace the shortest time that anything takes
    static Behavior of(JsonNode pod, JsonNode container, Duration pace) {
        String image = container.path("image").asText("");
        if (!ImageNames.isValid(image)) {
            return new Missing(
                    "InvalidImageName",
                    "Failed to apply default image tag \"" + image + "\": couldn't parse image name: invalid reference"
                            + " format");
        }
        if (isMissing(image)) {
            return new Missing(
                    "ErrImagePull",
                    "failed to pull and unpack image \"" + image + "\": failed to resolve reference \"" + image + "\": "
                            + image + ": not found");
        }
        String told = Meta.annotations(pod).getOrDefault(SIMULATE_EXIT, "").strip();
        if (told.matches("\\d{1,3}")) {
            return new Ends(Integer.parseInt(told), pace.multipliedBy(2));
        }
        List<String> words = new ArrayList<>(texts(container.path("command")));
        if (words.isEmpty()
                && ONE_SHOT.contains(ImageNames.name(image))
                && container.path("args").isEmpty()) {
            return new Ends(0, pace);
        }
        words.addAll(texts(container.path("args")));
        return Commands.behavior(words, pace);
    }

    /// An init container always ends.
    static Behavior ofInit(JsonNode container, Duration pace) {
        Behavior own = alone(container, pace);
        return own instanceof Runs ? new Ends(0, pace) : own;
    }

    /// By image and command alone, whatever its pod says.
    static Behavior alone(JsonNode container, Duration pace) {
        return of(com.fasterxml.jackson.databind.node.MissingNode.getInstance(), container, pace);
    }

    private static boolean isMissing(String image) {
        String registry = ImageNames.registry(image).toLowerCase(Locale.ROOT);
        return List.of(registry.split("[.:]", -1)).contains("invalid") || MISSING_TAGS.contains(ImageNames.tag(image));
    }

    private static List<String> texts(JsonNode list) {
        var all = new ArrayList<String>();
        list.forEach(item -> all.add(item.asText()));
        return all;
    }
}
