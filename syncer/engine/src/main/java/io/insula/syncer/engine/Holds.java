package io.insula.syncer.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Deletes that are held back for want of proof, by key: told when the first of a tenant and reason comes and when the
/// last one is released, not for each of them. Thread-safe: guarded by `this`.
final class Holds {

    private static final Logger LOG = LoggerFactory.getLogger(Holds.class);

    /// Most are released within a few seconds, when the other side's event has come; those are nothing to tell of.
    private static final Duration NOTABLE = Duration.ofSeconds(20);

    private record Hold(String reason, Instant since) {}

    private final InstantSource clock;
    private final Map<SyncKey, Hold> held = new HashMap<>();

    Holds(InstantSource clock) {
        this.clock = clock;
    }

    synchronized void hold(SyncKey key, String reason) {
        Hold known = held.get(key);
        boolean isFirst = held.entrySet().stream()
                .noneMatch(each -> each.getKey().tenant().equals(key.tenant())
                        && each.getValue().reason().equals(reason));
        held.put(key, new Hold(reason, known == null ? clock.instant() : known.since()));
        (isFirst ? LOG.atWarn() : LOG.atDebug())
                .addKeyValue("tenant", key.tenant().value())
                .addKeyValue("kind", key.syncer())
                .addKeyValue("namespace", key.namespace())
                .addKeyValue("name", key.name())
                .addKeyValue("reason", reason)
                .log("delete is held back");
    }

    synchronized void release(SyncKey key) {
        Hold was = held.remove(key);
        if (was != null && of(key.tenant()).isEmpty()) {
            LOG.atInfo()
                    .addKeyValue("tenant", key.tenant().value())
                    .addKeyValue("lastReason", was.reason())
                    .addKeyValue("heldFor", Duration.between(was.since(), clock.instant()))
                    .log("no delete is held back any more");
        }
    }

    synchronized void forget(TenantId tenant) {
        held.keySet().removeIf(key -> key.tenant().equals(tenant));
    }

    synchronized List<SyncKey> of(TenantId tenant) {
        return held.keySet().stream().filter(key -> key.tenant().equals(tenant)).toList();
    }

    /// Whether any of a tenant is held for this reason.
    synchronized boolean has(TenantId tenant, String reason) {
        return held.entrySet().stream()
                .anyMatch(each -> each.getKey().tenant().equals(tenant)
                        && each.getValue().reason().equals(reason));
    }

    /// How many are held for long, and why.
    synchronized Optional<SyncTrouble> trouble(TenantId tenant) {
        Instant notable = clock.instant().minus(NOTABLE);
        var reasons = new TreeMap<String, Integer>();
        held.forEach((key, hold) -> {
            if (key.tenant().equals(tenant) && hold.since().isBefore(notable)) {
                reasons.merge(hold.reason(), 1, Integer::sum);
            }
        });
        return reasons.isEmpty()
                ? Optional.empty()
                : Optional.of(new SyncTrouble("DeletesHeld", "deletes are held back: " + reasons));
    }
}
