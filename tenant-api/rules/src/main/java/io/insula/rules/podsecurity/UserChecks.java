package io.insula.rules.podsecurity;

import io.insula.rules.podsecurity.PodFacts.Container;
import java.util.Optional;

/// As whom containers run, and whether they can become somebody else.
final class UserChecks {

    private UserChecks() {}

    static Optional<Violation> escalation(PodFacts pod) {
        var found = new Setters();
        pod.containers().stream()
                .filter(Container::mayEscalate)
                .forEach(container -> found.container(container, "securityContext.allowPrivilegeEscalation"));
        return found.violation(
                "allowPrivilegeEscalation != false",
                found.who() + " must set securityContext.allowPrivilegeEscalation=false");
    }

    static Optional<Violation> nonRoot(PodFacts pod) {
        var explicit = new Setters();
        if (Boolean.FALSE.equals(pod.security().runAsNonRoot())) {
            explicit.pod("runAsNonRoot");
        }
        var silent = new Setters();
        for (var container : pod.containers()) {
            var own = container.security().runAsNonRoot();
            if (Boolean.FALSE.equals(own)) {
                explicit.container(container, "securityContext.runAsNonRoot");
            } else if (own == null && !Boolean.TRUE.equals(pod.security().runAsNonRoot())) {
                silent.container(container, "securityContext.runAsNonRoot");
            }
        }
        if (!explicit.isEmpty()) {
            return explicit.violation(
                    "runAsNonRoot != true", explicit.who() + " must not set securityContext.runAsNonRoot=false");
        }
        return silent.violation(
                "runAsNonRoot != true",
                "pod or " + silent.containers() + " must set securityContext.runAsNonRoot=true");
    }

    static Optional<Violation> root(PodFacts pod) {
        var found = new Setters();
        if (pod.security().runsAsRoot()) {
            found.pod("runAsUser");
        }
        pod.containers().stream()
                .filter(container -> container.security().runsAsRoot())
                .forEach(container -> found.container(container, "securityContext.runAsUser"));
        return found.violation("runAsUser=0", found.who() + " must not set runAsUser=0");
    }
}
