package io.insula.rules.podsecurity;

import java.util.List;
import java.util.Optional;

/// What a pod does against one check. Immutable.
///
/// @param reason in upstream's words: `host namespaces`
/// @param detail who does it, in upstream's words: `hostNetwork=true`
/// @param fields the paths of the fields that break the check, or that are missing, in the pod's order
public record Violation(String reason, String detail, List<String> fields) {

    public Violation {
        fields = List.copyOf(fields);
    }

    /// Empty when no field breaks the check.
    static Optional<Violation> of(String reason, String detail, List<String> fields) {
        return fields.isEmpty() ? Optional.empty() : Optional.of(new Violation(reason, detail, fields));
    }

    /// As `kubectl` shows it: `reason (detail)`.
    @Override
    public String toString() {
        return reason + " (" + detail + ")";
    }
}
