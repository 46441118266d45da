package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.insula.rules.podsecurity.AllowedValues;
import io.insula.rules.podsecurity.PodFacts;
import io.insula.rules.podsecurity.PodSecurityLevel;
import io.insula.rules.podsecurity.PodSecurityStandards;
import io.insula.rules.podsecurity.PodSecurityVersion;
import io.insula.rules.podsecurity.Violation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The Pod Security Standards as a function from a pod to every field that breaks them, in the words that the tenant's
/// own admission has for it. The table is [PodSecurityStandards]. Immutable; a pod is read once for all that is asked.
final class PodSecurity {

    private final PodFacts facts;

    private PodSecurity(PodFacts facts) {
        this.facts = facts;
    }

    static PodSecurity of(Pod pod) {
        return of(pod, HostPorts.NONE);
    }

    /// @param known ports of the nodes that no level forbids
    static PodSecurity of(Pod pod, HostPorts known) {
        return new PodSecurity(TypedPods.facts(pod, known));
    }

    /// Every field that `level` forbids, check by check; empty when the pod complies.
    List<FieldViolation> violations(PodSecurityLevel level) {
        return fields(PodSecurityStandards.SERVED.violations(level, PodSecurityVersion.LATEST, facts));
    }

    /// The hosts that probes and hooks name: the kubelet would call them from the node's network, so no sandbox helps.
    List<FieldViolation> hosts() {
        return fields(PodSecurityStandards.handlerHosts(facts));
    }

    static boolean isContainerLabel(SELinuxOptions options) {
        return (options.getType() == null || AllowedValues.SELINUX_TYPES.contains(options.getType()))
                && isEmpty(options.getUser())
                && isEmpty(options.getRole());
    }

    private static List<FieldViolation> fields(List<Violation> violations) {
        return violations.stream()
                .flatMap(violation ->
                        violation.fields().stream().map(field -> new FieldViolation(field, violation.toString())))
                .toList();
    }

    private static boolean isEmpty(@Nullable String text) {
        return text == null || text.isEmpty();
    }
}
