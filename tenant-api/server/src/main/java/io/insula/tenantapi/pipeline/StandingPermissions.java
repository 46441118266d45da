package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.auth.Attributes;
import io.insula.tenantapi.auth.Authorizer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks again whether those who hold a connection open may still have it, and ends it where they may not: a log that
/// is followed or a shell would go on for days after the right to it was taken. One look at all every now and then,
/// none where nothing is open. Thread-safe.
final class StandingPermissions {

    /// For so long at most, and a look, does what was forbidden go on.
    static final Duration EVERY = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(StandingPermissions.class);

    private final Authorizer authorizer;
    private final Predicate<X509Certificate> revoked;
    private final ScheduledExecutorService timers;
    private final Set<Held> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();

    StandingPermissions(Authorizer authorizer, Predicate<X509Certificate> revoked, ScheduledExecutorService timers) {
        this.authorizer = authorizer;
        this.revoked = revoked;
        this.timers = timers;
    }

    /// Known by itself, not by what it holds.
    private static final class Held {

        private final Attributes attributes;
        private final List<X509Certificate> shown;
        private final Runnable end;

        Held(Attributes attributes, List<X509Certificate> shown, Runnable end) {
            this.attributes = attributes;
            this.shown = shown;
            this.end = end;
        }
    }

    /// @param end ends the connection; may block
    /// @return to be run when it has ended
    Runnable follow(Exchange exchange, Runnable end) {
        var held = new Held(
                exchange.info().attributes(exchange.user()), exchange.request().clientCertificates(), end);
        open.add(held);
        if (looking.compareAndSet(false, true)) {
            lookLater();
        }
        return () -> open.remove(held);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // runs once, and is harmless when nothing is open any more
    private void lookLater() {
        // the authorizer may read its objects; the timers' thread must not wait
        timers.schedule(
                () -> Thread.ofVirtual().name("standing-permissions").start(this::look),
                EVERY.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void look() {
        for (Held held : List.copyOf(open)) {
            if (!isAllowed(held) && open.remove(held)) {
                LOG.atInfo()
                        .addKeyValue("verb", held.attributes.verb())
                        .addKeyValue("namespace", held.attributes.namespace())
                        .addKeyValue("name", held.attributes.name())
                        .log("ending a connection whose user may not have it any more");
                held.end.run();
            }
        }
        if (!open.isEmpty()) {
            lookLater();
            return;
        }
        looking.set(false);
        if (!open.isEmpty() && looking.compareAndSet(false, true)) {
            lookLater();
        }
    }

    private boolean isAllowed(Held held) {
        try {
            return held.shown.stream().noneMatch(revoked)
                    && authorizer.authorize(held.attributes).allowed();
        } catch (RuntimeException e) {
            // nobody can tell now: what was allowed stays so until somebody can
            LOG.atDebug().setCause(e).log("cannot look whether a connection is still allowed");
            return true;
        }
    }
}
