package io.insula.controlplane.audit;

import io.insula.controlplane.audit.SpoolPage.Entry;
import io.insula.controlplane.audit.SpoolPage.Loss;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends the spools to Kafka, round by round: a batch of every spool, then waits for the acknowledgements, then
/// remembers how far each spool came. A crash in between sends a batch again: at least once, and in order, as the
/// outlet never reorders and never gives up on an event while it is open. What the spools hold besides events is
/// reported and stepped over. Owns one platform thread.
final class AuditShipper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditShipper.class);
    private static final int BATCH_BYTES = 1 << 20;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    private final AuditOutlet.Opener opener;
    private final Owner owner;
    private final Duration acknowledgedWithin;
    private final Semaphore work = new Semaphore(1);
    private final Thread thread;
    private volatile boolean closed;
    private @Nullable AuditOutlet outlet;
    private volatile boolean failing;

    /// Whose spools are shipped.
    interface Owner {
        /// The spools by their keys; may change at any time.
        Map<String, AuditSpool> spools();

        /// Hears of bytes of a spool that were no event, perhaps more than once, before they are forgotten.
        void lost(String key, Loss loss);

        /// Kafka has all that was in the spools a moment ago.
        void drained();
    }

    /// @param acknowledgedWithin how long one event may be under way before Kafka counts as away
    AuditShipper(AuditOutlet.Opener opener, Owner owner, Duration acknowledgedWithin) {
        this.opener = opener;
        this.owner = owner;
        this.acknowledgedWithin = acknowledgedWithin;
        this.thread =
                Thread.ofPlatform().name("insula-audit-shipper").daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    boolean isClosed() {
        return closed;
    }

    boolean isFailing() {
        return failing;
    }

    void wake() {
        if (work.availablePermits() == 0) {
            work.release();
        }
    }

    /// Ships what it can within a few seconds.
    @Override
    public void close() {
        closed = true;
        wake();
        try {
            thread.join(CLOSE_WITHIN);
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(CLOSE_WITHIN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!closed) {
                if (work.tryAcquire(PAUSE.toMillis(), TimeUnit.MILLISECONDS)) {
                    work.drainPermits();
                }
                shipAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closeOutlet();
        }
    }

    private void shipAll() throws InterruptedException {
        // The first time also without events: whether Kafka takes them is worth knowing before there is one.
        while (outlet == null || owner.spools().values().stream().anyMatch(AuditSpool::hasUnshipped)) {
            try {
                shipRound();
                if (failing) {
                    LOG.atInfo().log("audit events reach Kafka again");
                    failing = false;
                }
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                report(e);
                closeOutlet();
                return;
            }
        }
        owner.drained();
    }

    private void shipRound() throws ExecutionException, InterruptedException, TimeoutException {
        AuditOutlet open = outlet();
        var sent = new ArrayList<Sent>();
        var broken = new ArrayList<RuntimeException>();
        for (var spool : owner.spools().entrySet()) {
            // One that cannot be read holds no other back.
            try {
                SpoolPage page = spool.getValue().read(spool.getValue().shipped(), BATCH_BYTES);
                var underWay = new ArrayList<Future<?>>();
                for (Entry entry : page.entries()) {
                    underWay.add(open.send(spool.getKey(), entry.line()));
                }
                sent.add(new Sent(spool.getKey(), spool.getValue(), page, underWay));
            } catch (RuntimeException e) {
                broken.add(e);
            }
        }
        for (Sent one : sent) {
            try {
                settle(one);
            } catch (RuntimeException e) {
                broken.add(e);
            }
        }
        if (!broken.isEmpty()) {
            throw broken.getFirst();
        }
    }

    /// Waits until all of a page has arrived: only then is it remembered as shipped.
    private void settle(Sent sent) throws ExecutionException, InterruptedException, TimeoutException {
        for (Future<?> acknowledged : sent.underWay()) {
            acknowledged.get(acknowledgedWithin.toMillis(), TimeUnit.MILLISECONDS);
        }
        sent.page().losses().forEach(loss -> owner.lost(sent.key(), loss));
        if (sent.page().end() > sent.spool().shipped()) {
            sent.spool().markShipped(sent.page().end());
        }
    }

    private AuditOutlet outlet() throws ExecutionException, InterruptedException {
        AuditOutlet open = outlet;
        if (open == null) {
            open = opener.open();
            outlet = open;
        }
        return open;
    }

    private void report(Exception e) {
        if (!failing) {
            LOG.atWarn()
                    .addKeyValue("cause", String.valueOf(e.getCause() == null ? e : e.getCause()))
                    .log("audit events wait on disk: they do not reach Kafka");
            failing = true;
        }
    }

    private void closeOutlet() {
        AuditOutlet open = outlet;
        if (open != null) {
            open.close();
            outlet = null;
        }
    }

    private record Sent(String key, AuditSpool spool, SpoolPage page, List<Future<?>> underWay) {}
}
