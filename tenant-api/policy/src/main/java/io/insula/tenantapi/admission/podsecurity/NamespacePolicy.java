package io.insula.tenantapi.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.rules.podsecurity.JsonPods;
import io.insula.rules.podsecurity.PodSecurityLevel;
import io.insula.rules.podsecurity.PodSecurityStandards;
import io.insula.rules.podsecurity.PodSecurityVersion;
import io.insula.rules.podsecurity.Violation;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What a namespace asks of its pods. Immutable.
///
/// @param enforce what its labels, or the server's default, ask
/// @param floor what the server asks besides, by its own release whatever release the labels name
/// @param warn what it warns of
record NamespacePolicy(Asked enforce, Asked floor, Asked warn) {

    static final String LABEL = "pod-security.kubernetes.io/";

    /// A level of a release.
    record Asked(PodSecurityLevel level, PodSecurityVersion version) {

        static Asked latest(PodSecurityLevel level) {
            return new Asked(level, PodSecurityVersion.LATEST);
        }

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
    static NamespacePolicy of(Map<String, String> labels, PodSecurityDefaults defaults) {
        var enforce = new Asked(
                level(labels, "enforce", defaults.enforce(), PodSecurityLevel.RESTRICTED), version(labels, "enforce"));
        var floor = Asked.latest(defaults.floor());
        var refused = stricter(enforce, floor);
        boolean saysHowToWarn = labels.containsKey(LABEL + "warn") || labels.containsKey(LABEL + "warn-version");
        var warn = new Asked(
                level(labels, "warn", refused.level(), PodSecurityLevel.PRIVILEGED),
                saysHowToWarn ? version(labels, "warn") : refused.version());
        return new NamespacePolicy(enforce, floor, warn);
    }

    /// What is enforced, the labels' part first.
    Stream<Asked> enforced() {
        return Stream.of(enforce, floor);
    }

    /// The stricter of what is enforced.
    Asked strictest() {
        return stricter(enforce, floor);
    }

    private static Asked stricter(Asked labels, Asked floor) {
        return labels.level().compareTo(floor.level()) >= 0 ? labels : floor;
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
