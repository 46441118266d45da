package io.insula.rules.podsecurity;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// The levels of the Pod Security Standards, from lenient to strict.
///
/// Source: Kubernetes documentation, "Pod Security Standards".
public enum PodSecurityLevel {
    PRIVILEGED,
    BASELINE,
    RESTRICTED;

    /// As labels and manifests write it: `privileged`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Empty when `label` names none.
    public static Optional<PodSecurityLevel> of(String label) {
        return Arrays.stream(values())
                .filter(level -> level.label().equals(label))
                .findFirst();
    }

    public PodSecurityLevel stricter(PodSecurityLevel other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
