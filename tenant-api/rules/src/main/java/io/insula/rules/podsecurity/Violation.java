package io.insula.rules.podsecurity;

import java.util.List;

/// What a pod does against one check. Immutable.
///
/// @param reason in upstream's words: `host namespaces`
/// @param detail who does it, in upstream's words: `hostNetwork=true`
/// @param fields the paths of the fields that break the check, or that are missing, in the pod's order
public record Violation(String reason, String detail, List<String> fields) {

    public Violation {
        fields = List.copyOf(fields);
    }

    /// As `kubectl` shows it: `reason (detail)`.
    @Override
    public String toString() {
        return reason + " (" + detail + ")";
    }
}
