package io.insula.controlplane.cluster;

import io.insula.syncer.engine.SyncAudit.Side;
import io.insula.syncer.engine.SyncEngine;
import io.insula.syncer.engine.SyncMeter;
import io.insula.tenantapi.metrics.Counter;
import io.insula.tenantapi.metrics.MetricRegistry;
import io.insula.tenantapi.metrics.MetricRegistry.Sample;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/// What the syncer does, in one registry: breakers that hold deletes back, what drift scans find and what was put
/// right of it. By syncer, never by tenant; those of custom kinds are one, as nobody knows them at the start.
/// Thread-safe.
final class SyncMetrics implements SyncMeter {

    private static final String CUSTOM = "custom";
    private static final String PERSON = "person";
    private static final String PROOF = "proof";

    private final MetricRegistry registry;
    private final SortedSet<String> syncers;
    private final Counter openings;
    private final Counter closings;
    private final Counter repairs;

    /// @param syncers names of those that every tenant has
    SyncMetrics(MetricRegistry registry, Collection<String> syncers) {
        this.registry = registry;
        this.syncers = new TreeSet<>(syncers);
        this.openings = registry.counter(
                "insula_syncer_breaker_openings_total",
                "How often the deletes of a tenant were held back, as too much vanished at once.",
                "side");
        this.closings = registry.counter(
                "insula_syncer_breaker_closings_total", "How often they passed again, and by what.", "side", "by");
        this.repairs = registry.counter(
                "insula_syncer_drift_repairs_total",
                "Objects that a drift scan found different and that were put right.",
                "kind");
        for (var side : Side.values()) {
            openings.begin(label(side));
            closings.begin(label(side), PERSON);
            closings.begin(label(side), PROOF);
        }
        this.syncers.forEach(repairs::begin);
        repairs.begin(CUSTOM);
    }

    /// Reads the rest whenever somebody asks.
    void follow(SyncEngine engine) {
        registry.gauge(
                "insula_syncer_breakers_open",
                "Tenants whose deletes are held back on a side.",
                List.of("side"),
                () -> Arrays.stream(Side.values())
                        .map(side -> Sample.of((double) engine.openBreakers(side), label(side)))
                        .toList());
        registry.gauge(
                "insula_syncer_drift_mismatches",
                "Objects that the last drift scans found different.",
                List.of("kind"),
                () -> mismatches(engine));
    }

    private List<Sample> mismatches(SyncEngine engine) {
        var counts = engine.mismatches();
        var all = new java.util.ArrayList<Sample>();
        syncers.forEach(name -> all.add(Sample.of((double) counts.getOrDefault(name, 0L), name)));
        long others = counts.entrySet().stream()
                .filter(each -> !syncers.contains(each.getKey()))
                .mapToLong(java.util.Map.Entry::getValue)
                .sum();
        all.add(Sample.of((double) others, CUSTOM));
        return all;
    }

    @Override
    public void opened(Side kept) {
        openings.increment(label(kept));
    }

    @Override
    public void closed(Side kept, boolean byPerson) {
        closings.increment(label(kept), byPerson ? PERSON : PROOF);
    }

    @Override
    public void repaired(String syncer) {
        repairs.increment(syncers.contains(syncer) ? syncer : CUSTOM);
    }

    private static String label(Side side) {
        return side.name().toLowerCase(Locale.ROOT);
    }
}
