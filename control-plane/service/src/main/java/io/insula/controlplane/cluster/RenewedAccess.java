package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.Config;
import io.insula.controlplane.pki.IssuedKubeconfig;
import io.insula.syncer.engine.Connections;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A way into a cluster whose credential is issued anew when half of its life is over, so that half of it is left to
/// try again in. Answers the same instance in between. Thread-safe: guarded by `this`.
final class RenewedAccess implements Supplier<Config> {

    private static final Logger LOG = LoggerFactory.getLogger(RenewedAccess.class);

    private final Supplier<IssuedKubeconfig> issuer;
    private final InstantSource clock;
    private @Nullable Config current;
    private Instant renewal = Instant.MIN;
    private Instant end = Instant.MIN;

    RenewedAccess(Supplier<IssuedKubeconfig> issuer, InstantSource clock) {
        this.issuer = issuer;
        this.clock = clock;
    }

    /// @throws RuntimeException when there is no credential that is still good, and none can be issued
    @Override
    public synchronized Config get() {
        Instant now = clock.instant();
        Config known = current;
        if (known != null && now.isBefore(renewal)) {
            return known;
        }
        try {
            return renew(now);
        } catch (RuntimeException e) {
            if (known != null && now.isBefore(end)) {
                LOG.atDebug().setCause(e).log("no new credential yet; the last one is still good");
                return known;
            }
            throw e;
        }
    }

    private Config renew(Instant now) {
        IssuedKubeconfig issued = issuer.get();
        Config made = Connections.near(Config.fromKubeconfig(issued.yaml()));
        current = made;
        end = issued.expires();
        renewal = now.plus(Duration.between(now, end).dividedBy(2));
        return made;
    }
}
