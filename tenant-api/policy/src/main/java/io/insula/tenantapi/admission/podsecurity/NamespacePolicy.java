package io.insula.tenantapi.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.podsecurity.JsonPods;
import io.insula.rules.podsecurity.PodSecurityLevel;
import io.insula.rules.podsecurity.PodSecurityStandards;
import io.insula.rules.podsecurity.PodSecurityVersion;
import io.insula.rules.podsecurity.Violation;
import java.util.List;
import java.util.Map;

/// What a namespace asks of its pods. Immutable.
///
/// @param enforce what it refuses
/// @param warn what it warns of
record NamespacePolicy(Asked enforce, Asked warn) {

    static final String LABEL = "pod-security.kubernetes.io/";

    /// A level of a release.
    record Asked(PodSecurityLevel level, PodSecurityVersion version) {

        /// @param podOrTemplate with `metadata` and `spec`
        List<Violation> violations(JsonNode podOrTemplate) {
            return level == PodSecurityLevel.PRIVILEGED
                    ? List.of()
                    : PodSecurityStandards.SERVED.violations(level, version, JsonPods.facts(podOrTemplate));
        }

        /// `baseline:latest`.
        @Override
        public String toString() {
            return level.label() + ":" + version.label();
        }
    }

    /// A label that names no level is taken for the strictest, as it may have come by another way than this server.
    ///
    /// Source: kubernetes/pod-security-admission, `api` (PolicyToEvaluate).
    static NamespacePolicy of(Map<String, String> labels) {
        var enforce = new Asked(
                level(labels, "enforce", PodSecurityLevel.PRIVILEGED, PodSecurityLevel.RESTRICTED),
                version(labels, "enforce"));
        boolean saysHowToWarn = labels.containsKey(LABEL + "warn") || labels.containsKey(LABEL + "warn-version");
        var warn = new Asked(
                level(labels, "warn", enforce.level(), PodSecurityLevel.PRIVILEGED),
                saysHowToWarn ? version(labels, "warn") : enforce.version());
        return new NamespacePolicy(enforce, warn);
    }

    private static PodSecurityLevel level(
            Map<String, String> labels, String mode, PodSecurityLevel unsaid, PodSecurityLevel unknown) {
        String label = labels.getOrDefault(LABEL + mode, "");
        return labels.containsKey(LABEL + mode) ? PodSecurityLevel.of(label).orElse(unknown) : unsaid;
    }

    private static PodSecurityVersion version(Map<String, String> labels, String mode) {
        return PodSecurityVersion.of(labels.getOrDefault(LABEL + mode + "-version", "latest"))
                .orElse(PodSecurityVersion.LATEST);
    }
}
