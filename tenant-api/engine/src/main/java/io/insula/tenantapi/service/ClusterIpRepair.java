package io.insula.tenantapi.service;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Repairs a server's addresses at its start and every three minutes, on a virtual thread of its own per run; a
/// run that takes longer makes the next one wait its turn. Thread-safe.
///
/// Source: kubernetes `pkg/registry/core/service/ipallocator/controller`, run at start and periodically.
public final class ClusterIpRepair implements AutoCloseable {

    static final Duration INTERVAL = Duration.ofMinutes(3);

    private static final Logger LOG = LoggerFactory.getLogger(ClusterIpRepair.class);

    private final RangeClusterIps addresses;
    private final AtomicBoolean running = new AtomicBoolean();
    private final ScheduledFuture<?> ticks;

    private ClusterIpRepair(RangeClusterIps addresses, ScheduledExecutorService scheduler) {
        this.addresses = addresses;
        this.ticks = scheduler.scheduleWithFixedDelay(this::tick, 0, INTERVAL.toSeconds(), TimeUnit.SECONDS);
    }

    /// @param scheduler only tells the time: the work is done elsewhere
    public static ClusterIpRepair start(RangeClusterIps addresses, ScheduledExecutorService scheduler) {
        return new ClusterIpRepair(addresses, scheduler);
    }

    @Override
    public void close() {
        ticks.cancel(false);
    }

    private void tick() {
        if (running.compareAndSet(false, true)) {
            Thread.ofVirtual().name("cluster-ip-repair").start(this::run);
        }
    }

    private void run() {
        try {
            addresses.repair();
        } catch (RuntimeException e) {
            // whatever it is, also a store that is being closed: the next run starts afresh
            LOG.atWarn().setCause(e).log("cluster IPs were not repaired: trying again at the next tick");
        } finally {
            running.set(false);
        }
    }
}
