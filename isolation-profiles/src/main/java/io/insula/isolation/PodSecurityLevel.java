package io.insula.isolation;

import java.util.Arrays;
import java.util.Locale;

/// Levels of the Pod Security Standards, from loosest to strictest.
///
/// Source: Kubernetes documentation, "Pod Security Standards".
public enum PodSecurityLevel {
    PRIVILEGED,
    BASELINE,
    RESTRICTED;

    /// As written in manifests.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// @throws IllegalArgumentException if there is no such level
    public static PodSecurityLevel parse(String wireName) {
        return Arrays.stream(values())
                .filter(level -> level.wireName().equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "podSecurity: \"" + wireName + "\" (expected: one of privileged, baseline, restricted)"));
    }
}
