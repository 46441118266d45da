package io.insula.tenantapi.admission.podsecurity;

import java.util.Locale;
import java.util.Optional;

/// The levels of the Pod Security Standards, from lenient to strict.
public enum PodSecurityLevel {
    PRIVILEGED,
    BASELINE,
    RESTRICTED;

    /// As labels write it: `privileged`.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Empty when `label` names none.
    public static Optional<PodSecurityLevel> of(String label) {
        for (PodSecurityLevel level : values()) {
            if (level.label().equals(label)) {
                return Optional.of(level);
            }
        }
        return Optional.empty();
    }

    PodSecurityLevel stricter(PodSecurityLevel other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
