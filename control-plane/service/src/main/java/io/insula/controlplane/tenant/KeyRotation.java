package io.insula.controlplane.tenant;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyRing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How far keys of a tenant are to be changed, as [Tenancy#ROTATE] has it: `service-account: begin`. It names the phase
/// that is to be reached, not "the next one": whoever carries it out twice has carried it out once.
public record KeyRotation(RotatedKeys keys, Phase phase) {

    /// As long as any certificate of a user lives that Insula issues, and any token of a pod whose program never
    /// reads it anew; and a day. Source of the latter: kubernetes/kubernetes, `pkg/serviceaccount`,
    /// `ExpirationExtensionSeconds`.
    static final Duration OVER_AFTER = Duration.ofDays(366);

    /// One after the other.
    public enum Phase {
        /// The new key signs, and what the former one signed is taken.
        BEGIN,
        /// That is taken no more.
        FINISH;

        /// As people and the annotation call it.
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// Empty for what is none.
        public static Optional<Phase> ofWord(String word) {
            return Arrays.stream(values())
                    .filter(each -> each.word().equals(word))
                    .findFirst();
        }
    }

    /// Empty for what the annotation may not have.
    static Optional<KeyRotation> of(String wish) {
        String[] words = wish.split(":", 2);
        return words.length < 2
                ? Optional.empty()
                : RotatedKeys.ofWord(words[0].strip())
                        .flatMap(keys -> Phase.ofWord(words[1].strip()).map(phase -> new KeyRotation(keys, phase)));
    }

    /// As the annotation has it.
    public String wish() {
        return keys.word() + ": " + phase.word();
    }

    /// @return whether that has changed anything
    boolean carryOut(ClusterPki pki) {
        KeyRing<?> ring = keys.in(pki);
        String before = ring.now().toString();
        switch (phase) {
            case BEGIN -> ring.begin();
            case FINISH -> ring.finish();
        }
        return !ring.now().toString().equals(before);
    }

    /// What is due by itself by now.
    static Optional<KeyRotation> due(ClusterPki pki, Instant now) {
        return Arrays.stream(RotatedKeys.values())
                .filter(each -> each.in(pki).now().isRotating()
                        && !now.isBefore(end(each.in(pki).now())))
                .map(each -> new KeyRotation(each, Phase.FINISH))
                .findFirst();
    }

    /// When what the former key signed is worth nothing, unless somebody says so before.
    static Instant end(KeyRing.Keys<?> rotating) {
        return rotating.since().plus(OVER_AFTER).truncatedTo(ChronoUnit.SECONDS);
    }
}
