package io.insula.rules.podsecurity;

import static io.insula.rules.podsecurity.Setters.plural;
import static io.insula.rules.podsecurity.Setters.quoted;

import io.insula.rules.keys.WellKnownKeys;
import io.insula.rules.podsecurity.PodFacts.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The profiles by which the kernel confines containers: seccomp and AppArmor, by fields and by the annotations that
/// they had before.
final class ProfileChecks {

    private ProfileChecks() {}

    static Optional<Violation> appArmor(PodFacts pod) {
        var found = setters(pod, Security::appArmor, "appArmorProfile.type", AllowedValues.APP_ARMOR_TYPES);
        var who = new ArrayList<String>();
        if (!found.isEmpty()) {
            who.add(found.who());
        }
        var values = new ArrayList<>(found.values());
        Map<String, String> annotations = annotations(pod, ProfileChecks::isBadAppArmor);
        annotations.forEach((key, value) -> {
            values.add(key + "=\"" + value + "\"");
            found.field("metadata.annotations[" + key + "]");
        });
        if (!annotations.isEmpty()) {
            who.add(plural("annotation", annotations.size()));
        }
        return found.violation(
                plural("forbidden AppArmor profile", values.size()),
                String.join(" and ", who) + " must not set AppArmor profile type to " + quoted(values));
    }

    private static boolean isBadAppArmor(Map.Entry<String, String> annotation) {
        String value = annotation.getValue();
        return annotation.getKey().startsWith(WellKnownKeys.APP_ARMOR_PREFIX)
                && !value.isEmpty()
                && !value.equals("runtime/default")
                && !value.startsWith("localhost/");
    }

    static Optional<Violation> seccompAnnotations(PodFacts pod) {
        Set<String> read = pod.containers().stream()
                .map(container -> WellKnownKeys.SECCOMP_PREFIX + container.name())
                .collect(Collectors.toSet());
        read.add(WellKnownKeys.SECCOMP_POD);
        Map<String, String> bad = annotations(
                pod, annotation -> read.contains(annotation.getKey()) && !isGoodSeccomp(annotation.getValue()));
        var found = new Setters();
        List<String> words = new ArrayList<>();
        bad.forEach((key, value) -> {
            words.add(key + "=\"" + value + "\"");
            found.field("metadata.annotations[" + key + "]");
        });
        return found.violation(
                "seccompProfile", "forbidden " + plural("annotation", words.size()) + " " + String.join(", ", words));
    }

    private static boolean isGoodSeccomp(String value) {
        return value.equals("runtime/default") || value.equals("docker/default") || value.startsWith("localhost/");
    }

    private static Map<String, String> annotations(PodFacts pod, Predicate<Map.Entry<String, String>> bad) {
        return pod.annotations().entrySet().stream()
                .filter(bad)
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, _) -> one, TreeMap::new));
    }

    static Optional<Violation> seccomp(PodFacts pod) {
        var found = setters(pod, Security::seccomp, "seccompProfile.type", AllowedValues.SECCOMP_TYPES);
        return found.violation(
                "seccompProfile",
                found.who() + " must not set securityContext.seccompProfile.type to " + quoted(found.values()));
    }

    static Optional<Violation> seccompRestricted(PodFacts pod) {
        var explicit = seccomp(pod);
        if (explicit.isPresent() || pod.security().seccomp() != null) {
            return explicit;
        }
        var silent = new Setters();
        pod.containers().stream()
                .filter(container -> container.security().seccomp() == null)
                .forEach(container -> silent.container(container, "securityContext.seccompProfile.type"));
        return silent.violation(
                "seccompProfile",
                "pod or " + silent.containers()
                        + " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
    }

    private static Setters setters(
            PodFacts pod, Function<Security, @Nullable String> type, String field, Set<String> allowed) {
        var found = new Setters();
        var whole = type.apply(pod.security());
        if (whole != null && !allowed.contains(whole)) {
            found.pod(field);
            found.value(whole);
        }
        for (var container : pod.containers()) {
            var own = type.apply(container.security());
            if (own != null && !allowed.contains(own)) {
                found.container(container, "securityContext." + field);
                found.value(own);
            }
        }
        return found;
    }
}
