package io.insula.controlplane.cluster;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.controllers.ControllerManager;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The controllers of a tenant's cluster: ours, unless the tenant is to bring its own, or somebody else's work at this
/// moment. Two sets of them at once would make everything twice. Thread-safe: guarded by `this`, except for what is
/// asked.
final class ClusterControllers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterControllers.class);
    private static final Duration HOLD_ON = LeaderLease.HELD_FOR.dividedBy(3);
    private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

    /// Nodes are missed after 40 seconds.
    private static final Duration BEAT = Duration.ofSeconds(15);

    private final Supplier<ControllerManager> starter;
    private final ControllersLease lease;
    private final ExecutorService work;
    private final ScheduledExecutorService timer;
    private final Runnable heartbeats;
    private volatile @Nullable ControllerManager manager;
    private volatile boolean elsewhere;
    private boolean wanted;
    private boolean closed;
    private @Nullable ScheduledFuture<?> next;

    /// Nothing runs until somebody says what is wanted.
    ///
    /// @param heartbeats tells others' controllers that the cluster's nodes are alive; ours need not be told
    ClusterControllers(
            Supplier<ControllerManager> starter,
            ControllersLease lease,
            ExecutorService work,
            ScheduledExecutorService timer,
            Runnable heartbeats) {
        this.starter = starter;
        this.lease = lease;
        this.work = work;
        this.timer = timer;
        this.heartbeats = heartbeats;
    }

    /// Has ours run where nobody else's do, or none at all. Says it again as often as it likes.
    synchronized void run(boolean ours) {
        if (wanted == ours && (ours ? manager != null || next != null : elsewhere)) {
            return;
        }
        wanted = ours;
        look();
    }

    /// Has ours begin anew where they run, as what they know of their cluster has changed.
    synchronized void restart() {
        ControllerManager running = manager;
        if (running != null) {
            manager = null;
            running.close();
            manager = starter.get();
        }
    }

    /// Whether the cluster has what it is to have: ours have begun, or others are to do it.
    boolean areSettled() {
        ControllerManager running = manager;
        return elsewhere || (running != null && running.started());
    }

    /// @throws IllegalStateException saying why nobody works
    void requireWorking() {
        ControllerManager running = manager;
        if (running != null ? !running.started() : !lease.isElsewhere()) {
            throw new IllegalStateException(
                    running == null && elsewhere ? "no controller manager holds its lease" : "not started yet");
        }
    }

    private synchronized void look() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
        if (closed) {
            return;
        }
        boolean ours;
        try {
            ours = wanted && lease.hold();
            if (!wanted) {
                end();
                lease.release();
            }
        } catch (ApiException e) {
            LOG.atDebug().setCause(e).log("the lease of a cluster's controllers cannot be read or written");
            // who works goes on as long as it holds
            again(TRY_AGAIN);
            return;
        }
        elsewhere = !ours;
        if (ours) {
            if (manager == null) {
                manager = starter.get();
            }
            again(HOLD_ON);
        } else {
            end();
            beat();
            again(wanted ? TRY_AGAIN : BEAT);
        }
    }

    private void beat() {
        try {
            heartbeats.run();
        } catch (ApiException e) {
            LOG.atDebug().setCause(e).log("a cluster's nodes cannot be told to be alive");
        }
    }

    private void again(Duration pause) {
        next = timer.schedule(this::lookAside, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void lookAside() {
        try {
            work.execute(this::look);
        } catch (RejectedExecutionException e) {
            // everything ends
        }
    }

    private void end() {
        ControllerManager running = manager;
        manager = null;
        if (running != null) {
            running.close();
            LOG.atInfo().log("controllers have ended: others are to do their work");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (next != null) {
            next.cancel(false);
        }
        ControllerManager running = manager;
        manager = null;
        if (running != null) {
            running.close();
        }
    }
}
