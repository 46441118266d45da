package io.insula.controlplane.tenant;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A profile read from the host at most every few seconds; while the host does not answer, the last one read.
/// Thread-safe.
final class CachedProfile implements ProfileSource {

    private static final Duration FRESH = Duration.ofSeconds(3);

    private final ProfileSource host;
    private final Clock clock;
    private volatile @Nullable Reading last;

    private record Reading(Profile profile, Instant until) {}

    CachedProfile(ProfileSource host, Clock clock) {
        this.host = host;
        this.clock = clock;
    }

    @Override
    public Profile current() {
        Reading known = last;
        if (known != null && clock.instant().isBefore(known.until())) {
            return known.profile();
        }
        Profile profile;
        try {
            profile = host.current();
        } catch (RuntimeException e) {
            if (known == null) {
                throw e;
            }
            profile = known.profile();
        }
        last = new Reading(profile, clock.instant().plus(FRESH));
        return profile;
    }
}
