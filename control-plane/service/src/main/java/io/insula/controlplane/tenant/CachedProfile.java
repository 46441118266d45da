package io.insula.controlplane.tenant;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A tenant's profiles read from the host at most every few seconds; while the host does not answer, the last
/// ones read. The same object as long as nothing of them changes. Thread-safe.
final class CachedProfile implements ProfileSource {

    private static final Duration FRESH = Duration.ofSeconds(3);

    private final ProfileSource host;
    private final Clock clock;
    private volatile @Nullable Reading last;

    private record Reading(Choice choice, Instant until) {}

    CachedProfile(ProfileSource host, Clock clock) {
        this.host = host;
        this.clock = clock;
    }

    @Override
    public Choice current() {
        Reading known = last;
        if (known != null && clock.instant().isBefore(known.until())) {
            return known.choice();
        }
        Choice choice;
        try {
            choice = host.current();
        } catch (RuntimeException e) {
            if (known == null) {
                throw e;
            }
            choice = known.choice();
        }
        Choice told = known != null && known.choice().equals(choice) ? known.choice() : choice;
        last = new Reading(told, clock.instant().plus(FRESH));
        return told;
    }
}
