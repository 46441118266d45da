package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The taints that a toleration tolerates, as a set: an empty part stands for every key, value or effect. The common
/// part of two such sets is one again, or nothing.
///
/// Source: Kubernetes documentation, "Taints and Tolerations".
///
/// @param anyValue whether the operator is `Exists`
/// @param seconds how long `NoExecute` taints are tolerated; null for ever
record Taints(
        String key,
        boolean anyValue,
        String value,
        String effect,
        @Nullable Long seconds) {

    /// @param toleration one that [Tolerations#check] lets pass
    static Taints of(Toleration toleration) {
        return new Taints(
                text(toleration.getKey()),
                "Exists".equals(toleration.getOperator()),
                text(toleration.getValue()),
                text(toleration.getEffect()),
                toleration.getTolerationSeconds());
    }

    Optional<Taints> common(Taints other) {
        var commonKey = narrower(key, other.key);
        var commonEffect = narrower(effect, other.effect);
        boolean sameValue = anyValue || other.anyValue || value.equals(other.value);
        if (commonKey.isEmpty() || commonEffect.isEmpty() || !sameValue) {
            return Optional.empty();
        }
        return Optional.of(new Taints(
                commonKey.get(),
                anyValue && other.anyValue,
                anyValue ? other.value : value,
                commonEffect.get(),
                shorter(seconds, other.seconds, commonEffect.get())));
    }

    boolean covers(Taints other) {
        return common(other).filter(other::equals).isPresent();
    }

    Toleration toleration() {
        return new TolerationBuilder()
                .withKey(key.isEmpty() ? null : key)
                .withOperator(anyValue ? "Exists" : "Equal")
                .withValue(anyValue ? null : value)
                .withEffect(effect.isEmpty() ? null : effect)
                .withTolerationSeconds(seconds)
                .build();
    }

    /// As `kubectl describe` writes a toleration.
    @Override
    public String toString() {
        var text = key + (anyValue ? "" : "=" + value) + (effect.isEmpty() ? "" : ":" + effect);
        return (text + (anyValue ? " op=Exists" : "") + (seconds == null ? "" : " for " + seconds + "s")).strip();
    }

    /// The one of two parts that says more; empty if they exclude each other.
    private static Optional<String> narrower(String one, String two) {
        return one.isEmpty() || one.equals(two)
                ? Optional.of(two)
                : two.isEmpty() ? Optional.of(one) : Optional.empty();
    }

    private static @Nullable Long shorter(@Nullable Long one, @Nullable Long two, String effect) {
        if (!effect.isEmpty() && !effect.equals("NoExecute")) {
            return null;
        }
        return one == null ? two : two == null ? one : Long.valueOf(Math.min(one, two));
    }

    private static String text(@Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }
}
