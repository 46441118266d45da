package io.insula.syncer.engine;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/// Host objects that were written before their tenant object: a tenant's API server that needs an answer of the
/// host (an address) reserves the host object while the tenant object is still being admitted. Such an object
/// carries [InsulaLabels#RESERVED], the time; the first apply on behalf of the tenant object removes the mark.
final class Reservations {

    /// How long a tenant object may take from its reservation until the syncer sees it.
    static final Duration GRACE = Duration.ofSeconds(60);

    /// How long another object of the same name may be what the cache still has from before.
    static final Duration STALE = Duration.ofSeconds(5);

    private Reservations() {}

    static boolean isReserved(HasMetadata host) {
        return time(host).isPresent();
    }

    /// How long to wait before deciding on a host object that is not the tenant object's yet; empty when it is
    /// time.
    ///
    /// @param hasTenantObject whether the tenant has an object of that name, with another uid
    static Optional<Duration> wait(HasMetadata host, boolean hasTenantObject, Instant now) {
        return time(host)
                .map(time -> Duration.between(now, time.plus(hasTenantObject ? STALE : GRACE)))
                .filter(left -> left.isPositive())
                .map(left -> left.compareTo(STALE) > 0 ? STALE : left);
    }

    private static Optional<Instant> time(HasMetadata host) {
        var annotations = host.getMetadata().getAnnotations();
        var text = annotations == null ? null : annotations.get(InsulaLabels.RESERVED);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text));
        } catch (DateTimeParseException e) {
            return Optional.of(Instant.EPOCH);
        }
    }
}
