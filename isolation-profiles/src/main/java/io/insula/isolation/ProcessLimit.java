package io.insula.isolation;

import static io.insula.isolation.SpecErrors.wrong;

import io.insula.isolation.Sandbox.Form;
import io.insula.rules.keys.InsulaKeys;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How many processes and threads a pod may have on its node: an annotation of the host pod, which the nodes of ours
/// obey as far as it is narrower than what they let every pod have. No field of a pod says it; other kubelets have
/// one number for all pods (`podPidsLimit`). Immutable.
///
/// @param most 0 for what the node lets every pod have
record ProcessLimit(long most) {

    private static final String FIELD = "pidsLimit";

    /// Source: Linux, `PID_MAX_LIMIT` of 64-bit machines.
    private static final long LARGEST = 4_194_304;

    /// @throws IllegalArgumentException naming the field
    static ProcessLimit read(@Nullable Object value, Sandbox sandbox) {
        if (value == null) {
            return new ProcessLimit(0);
        }
        if (sandbox.form() == Form.MACHINE) {
            throw wrong(FIELD, value, "none, as a guest counts its own processes");
        }
        boolean whole = value instanceof Integer || value instanceof Long;
        if (!whole || ((Number) value).longValue() < 1 || ((Number) value).longValue() > LARGEST) {
            throw wrong(FIELD, value, "an integer from 1 to " + LARGEST);
        }
        return new ProcessLimit(((Number) value).longValue());
    }

    /// What a new host pod says of it.
    Map<String, String> annotations() {
        return most == 0 ? Map.of() : Map.of(InsulaKeys.PIDS_LIMIT, Long.toString(most));
    }

    /// What the host admits. A pod keeps the limit that it began with.
    List<HostRule> ofPods() {
        return most == 0
                ? List.of()
                : List.of(HostRule.of(
                        "metadata.annotations[" + InsulaKeys.PIDS_LIMIT + "]",
                        "must be \"" + most + "\"",
                        in("object") + " == " + Cel.text(Long.toString(most)) + " || " + unchanged()));
    }

    /// CEL that is true of an update that leaves the annotation alone.
    static String unchanged() {
        return "(request.operation == \"UPDATE\" && " + in("object") + " == " + in("oldObject") + ")";
    }

    private static String in(String object) {
        return object + ".metadata.?annotations[?" + Cel.text(InsulaKeys.PIDS_LIMIT) + "].orValue(\"\")";
    }
}
