package io.insula.tenantapi.admission.podsecurity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Judges pods by the Pod Security Standards. Pure.
public final class PodSecurityStandards {

    private PodSecurityStandards() {}

    /// What a pod does against `level`, each as `reason (detail)` in upstream's words and order; empty when nothing.
    ///
    /// @param metadata of the pod or pod template
    /// @param spec of the pod or pod template
    public static List<String> violations(PodSecurityLevel level, JsonNode metadata, JsonNode spec) {
        return checks(level)
                .flatMap(check -> check.judge().judge(metadata, spec).stream())
                .map(PodCheck.Violation::toString)
                .toList();
    }

    private static Stream<PodCheck> checks(PodSecurityLevel level) {
        return switch (level) {
            case PRIVILEGED -> Stream.empty();
            case BASELINE -> sorted(BaselineChecks.ALL.stream());
            case RESTRICTED -> {
                Set<String> overridden =
                        RestrictedChecks.ALL.stream().map(PodCheck::overrides).collect(Collectors.toSet());
                yield Stream.concat(
                        sorted(BaselineChecks.ALL.stream().filter(check -> !overridden.contains(check.id()))),
                        sorted(RestrictedChecks.ALL.stream()));
            }
        };
    }

    private static Stream<PodCheck> sorted(Stream<PodCheck> checks) {
        return checks.sorted(Comparator.comparing(PodCheck::id));
    }
}
