package io.insula.isolation;

import static io.insula.isolation.SpecErrors.wrong;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What becomes of a pod that a profile cannot express: read from `onUnsupported`, which says it for one profile, and
/// `fallbacks`, which names several in order. Pure.
final class Fallbacks {

    private static final String FIELD = "onUnsupported";
    private static final String REFUSE = "refuse";
    private static final String FALL_BACK = "fallback";

    private Fallbacks() {}

    /// Names of profiles to try in order; empty to refuse the pod.
    ///
    /// @param name of the profile itself
    /// @param onUnsupported null where it is not said
    /// @throws IllegalArgumentException naming the field
    static List<String> read(String name, @Nullable Map<String, ?> onUnsupported, List<String> fallbacks) {
        if (fallbacks.contains(name)) {
            throw wrong("fallbacks", fallbacks, "other profiles");
        }
        if (onUnsupported == null) {
            return fallbacks;
        }
        if (!fallbacks.isEmpty()) {
            throw wrong(FIELD, onUnsupported, "none beside fallbacks, which say the same");
        }
        var action = onUnsupported.get("action");
        var to = onUnsupported.get("to");
        if (REFUSE.equals(action)) {
            if (to != null) {
                throw wrong(FIELD + ".to", to, "none where action is refuse");
            }
            return List.of();
        }
        if (!FALL_BACK.equals(action)) {
            throw wrong(FIELD + ".action", action, "one of refuse, fallback");
        }
        if (!(to instanceof String other) || other.isEmpty() || other.equals(name)) {
            throw wrong(FIELD + ".to", to, "the name of another profile");
        }
        return List.of(other);
    }
}
