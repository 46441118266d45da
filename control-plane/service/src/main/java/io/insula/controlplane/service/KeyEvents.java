package io.insula.controlplane.service;

import io.insula.controlplane.audit.AuditTrail;
import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.keys.HomeKeys;
import io.insula.controlplane.tenant.Rounds;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.tenantapi.audit.AuditSink;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts changes of the key that encrypts private keys into the trail: commands make them, whether the service runs or
/// not. Thread-safe.
final class KeyEvents implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeyEvents.class);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final Home home;
    private final AuditTrail audit;
    private final Rounds rounds = new Rounds("insula-key-events", PAUSE, this::record);

    private KeyEvents(Home home, AuditTrail audit) {
        this.home = home;
        this.audit = audit;
    }

    /// Records what there is, and what follows.
    static KeyEvents begin(Home home, AuditTrail audit) {
        var events = new KeyEvents(home, audit);
        events.record();
        events.rounds.begin();
        return events;
    }

    private void record() {
        try {
            HomeKeys.takeChanges(
                    home,
                    (what, kek, source, by, when) -> audit.record(Map.of(
                            InsulaLabels.REASON,
                            "the key that encrypts private keys on disk: " + what,
                            "insula.io/key-change",
                            what,
                            "insula.io/key-id",
                            kek,
                            "insula.io/key-source",
                            source,
                            "insula.io/changed-by",
                            by,
                            "insula.io/changed-at",
                            when.toString())));
        } catch (AuditSink.Unavailable | HomeException | UncheckedIOException e) {
            LOG.atWarn().setCause(e).log("a change of keys cannot be recorded yet");
        }
    }

    @Override
    public void close() {
        rounds.close();
    }
}
