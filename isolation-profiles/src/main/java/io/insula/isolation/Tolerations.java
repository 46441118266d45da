package io.insula.isolation;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Toleration;
import io.insula.isolation.Note.Done;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which of a pod's tolerations hold on the host. A taint there fences off nodes of other customers, or one that is
/// being emptied, so a tenant tolerates only what its profile says. What it asks beyond is taken (most DaemonSets
/// tolerate everything) and has no effect, which a note tells.
final class Tolerations {

    private static final Set<String> OPERATORS = Set.of("", "Exists", "Equal");
    private static final Set<String> EFFECTS = Set.of("", "NoSchedule", "PreferNoSchedule", "NoExecute");

    /// @param tolerations what the host pod gets: what is left of the pod's own, and its node pool's
    record Narrowed(List<Toleration> tolerations, List<Note> notes) {}

    private Tolerations() {}

    /// The first toleration that means nothing, as upstream's validation would find it: a newer operator would be
    /// let through unread.
    static Optional<FieldViolation> check(PodSpec spec) {
        for (int i = 0; i < spec.getTolerations().size(); i++) {
            var wrong = wrong(spec.getTolerations().get(i));
            if (wrong.isPresent()) {
                var path = "spec.tolerations[" + i + "]";
                return wrong.map(each -> new FieldViolation(path + "." + each.field(), each.message()));
            }
        }
        return Optional.empty();
    }

    /// What of a toleration's own fields means nothing; the field's path starts at the toleration.
    static Optional<FieldViolation> wrong(Toleration toleration) {
        var operator = text(toleration.getOperator());
        if (!OPERATORS.contains(operator)) {
            return refuse("operator", "\"" + operator + "\" (expected: one of Exists, Equal)");
        }
        if (text(toleration.getKey()).isEmpty() && !operator.equals("Exists")) {
            return refuse("operator", "must be Exists when key is empty, which means all taints");
        }
        if (operator.equals("Exists") && !text(toleration.getValue()).isEmpty()) {
            return refuse("value", "must be empty when operator is Exists");
        }
        if (!EFFECTS.contains(text(toleration.getEffect()))) {
            return refuse(
                    "effect",
                    "\"" + toleration.getEffect() + "\" (expected: one of NoSchedule, PreferNoSchedule, NoExecute)");
        }
        if (toleration.getTolerationSeconds() != null && !"NoExecute".equals(toleration.getEffect())) {
            return refuse("effect", "must be NoExecute when tolerationSeconds is set");
        }
        return Optional.empty();
    }

    static Narrowed narrow(PodSpec spec, ProfileSettings settings) {
        var allowed = Stream.concat(settings.allowedTolerations().stream(), settings.nodePool().tolerations().stream())
                .map(Taints::of)
                .toList();
        var kept = new LinkedHashMap<Taints, Toleration>();
        var notes = new ArrayList<Note>();
        for (int i = 0; i < spec.getTolerations().size(); i++) {
            var asked = spec.getTolerations().get(i);
            var taints = Taints.of(asked);
            if (allowed.stream().anyMatch(each -> each.covers(taints))) {
                kept.putIfAbsent(taints, asked);
                continue;
            }
            var left = left(taints, allowed);
            left.forEach(each -> kept.putIfAbsent(each, each.toleration()));
            notes.add(note("spec.tolerations[" + i + "]", left));
        }
        settings.nodePool().tolerations().forEach(each -> kept.putIfAbsent(Taints.of(each), each));
        return new Narrowed(List.copyOf(kept.values()), notes);
    }

    private static List<Taints> left(Taints asked, List<Taints> allowed) {
        var parts = allowed.stream()
                .flatMap(each -> each.common(asked).stream())
                .distinct()
                .toList();
        return parts.stream()
                .filter(part -> parts.stream().noneMatch(other -> !other.equals(part) && other.covers(part)))
                .toList();
    }

    private static Note note(String field, List<Taints> left) {
        var reason = "the isolation profile lets no other taint be tolerated";
        return left.isEmpty()
                ? new Note(field, Done.IGNORED, "", reason)
                : new Note(
                        field,
                        Done.NARROWED,
                        left.stream().map(Taints::toString).collect(Collectors.joining(", ")),
                        reason);
    }

    private static String text(@Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }

    private static Optional<FieldViolation> refuse(String field, String message) {
        return Optional.of(new FieldViolation(field, message));
    }
}
