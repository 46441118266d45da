package io.insula.rules.podsecurity;

import static io.insula.rules.podsecurity.Setters.quoted;

import java.util.ArrayList;
import java.util.Optional;
import java.util.Set;

/// Which capabilities of the kernel containers keep.
final class CapabilityChecks {

    private CapabilityChecks() {}

    static Optional<Violation> added(PodFacts pod, Set<String> allowed) {
        var found = adding(pod, allowed);
        return found.violation("non-default capabilities", words(found));
    }

    static Optional<Violation> restricted(PodFacts pod) {
        var keeping = new Setters();
        pod.containers().stream()
                .filter(container -> !container.capabilities().dropped().contains("ALL"))
                .forEach(container -> keeping.container(container, "securityContext.capabilities.drop"));
        var adding = adding(pod, AllowedValues.RESTRICTED_CAPABILITIES);
        var details = new ArrayList<String>();
        if (!keeping.isEmpty()) {
            details.add(keeping.containers() + " must set securityContext.capabilities.drop=[\"ALL\"]");
        }
        if (!adding.isEmpty()) {
            details.add(words(adding));
        }
        adding.fields().forEach(keeping::field);
        return keeping.violation("unrestricted capabilities", String.join("; ", details));
    }

    private static Setters adding(PodFacts pod, Set<String> allowed) {
        var found = new Setters();
        for (var container : pod.containers()) {
            var beyond = container.capabilities().added().stream()
                    .filter(capability -> !allowed.contains(capability))
                    .toList();
            if (!beyond.isEmpty()) {
                found.container(container, "securityContext.capabilities.add");
                beyond.forEach(found::value);
            }
        }
        return found;
    }

    private static String words(Setters adding) {
        return adding.who() + " must not include " + quoted(adding.values()) + " in securityContext.capabilities.add";
    }
}
