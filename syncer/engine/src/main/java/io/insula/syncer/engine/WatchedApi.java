package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.insula.reconcile.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An API server that may be away for a while, or too busy. From the first request without an answer on it is asked
/// again and again whether it is back; keys that need it are parked meanwhile, instead of each one trying by itself
/// with ever longer pauses, and go on the moment it answers. One that says that it is too busy (429) is left alone for
/// as long as it asks, and twice as long as the last time where it says so again soon. Thread-safe: guarded by `this`.
final class WatchedApi implements Api, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedApi.class);
    private static final Backoff ASK_AGAIN = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /// So many pauses later it counts as busy for the first time.
    private static final int REMEMBERED = 4;

    /// Hears of parked keys when the server answers.
    interface Release {
        void released(SyncKey key);
    }

    private final String who;
    private final Api server;
    private final Release release;
    private final InstantSource clock;
    private final Set<SyncKey> parked = new HashSet<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable Instant awaySince;
    private Duration lastPause = Duration.ZERO;
    private Instant lastBusy = Instant.MIN;
    private String why = "";

    /// @param who for people: `the host`
    WatchedApi(String who, Api server, Release release, InstantSource clock) {
        this.who = who;
        this.server = server;
        this.release = release;
        this.clock = clock;
    }

    @Override
    public Optional<JsonNode> get(String path) {
        try {
            return server.get(path);
        } catch (ApiFailure e) {
            throw noticed(e);
        }
    }

    @Override
    public JsonNode send(String method, String path, String contentType, JsonNode body, String auditId) {
        try {
            return server.send(method, path, contentType, body, auditId);
        } catch (ApiFailure e) {
            throw noticed(e);
        }
    }

    /// Keeps the key until the server answers again.
    ///
    /// @return false if it does answer: the key is still the caller's
    synchronized boolean park(SyncKey key) {
        if (awaySince == null || closed.getCount() == 0) {
            return false;
        }
        parked.add(key);
        return true;
    }

    synchronized void forget(TenantId tenant) {
        parked.removeIf(key -> key.tenant().equals(tenant));
    }

    /// For people; empty while it answers, and for the first moment of an outage, which is nothing to tell of.
    synchronized Optional<SyncTrouble> trouble(String reason) {
        Instant since = awaySince;
        if (since == null || clock.instant().isBefore(since.plus(ASK_AGAIN.longest()))) {
            return Optional.empty();
        }
        return Optional.of(new SyncTrouble(
                reason, who + " does not answer since " + since + ": " + why + "; what is to be synced waits for it"));
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private ApiFailure noticed(ApiFailure failure) {
        if (failure.isOutage() || failure.isBusy()) {
            synchronized (this) {
                why = String.valueOf(failure.getMessage());
                if (awaySince == null && closed.getCount() > 0) {
                    awaySince = clock.instant();
                    var first = failure.isBusy() ? busyPause(failure) : Duration.ZERO;
                    Thread.ofVirtual().name("insula-syncer-outage").start(() -> awaitAnswer(first));
                }
            }
        }
        return failure;
    }

    /// How long it is left alone.
    private Duration busyPause(ApiFailure failure) {
        var now = clock.instant();
        boolean again = !lastPause.isZero() && now.isBefore(lastBusy.plus(lastPause.multipliedBy(REMEMBERED)));
        var doubled = again ? lastPause.multipliedBy(2) : Duration.ZERO;
        var pause = doubled.compareTo(failure.pause()) > 0 ? doubled : failure.pause();
        lastPause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        lastBusy = now;
        LOG.atInfo()
                .addKeyValue("server", who)
                .addKeyValue("pause", lastPause)
                .log("an API server is too busy; it is left alone");
        return lastPause;
    }

    /// @param first before it is asked at all
    private void awaitAnswer(Duration first) {
        var pauses = ASK_AGAIN.row();
        boolean outage = false;
        try {
            if (closed.await(first.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
            while (!closed.await(pauses.next().toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    var _ = server.get("/version");
                    back(outage);
                    return;
                } catch (ApiFailure e) {
                    if (!e.isOutage()) {
                        back(outage);
                        return;
                    }
                    if (!outage) {
                        LOG.atWarn()
                                .addKeyValue("server", who)
                                .addKeyValue("error", e.getMessage())
                                .log("an API server does not answer; what needs it waits");
                    }
                    outage = true;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void back(boolean outage) {
        Set<SyncKey> waited;
        synchronized (this) {
            if (outage) {
                LOG.atInfo()
                        .addKeyValue("server", who)
                        .addKeyValue("since", awaySince)
                        .addKeyValue("waited", parked.size())
                        .log("an API server answers again");
            }
            awaySince = null;
            waited = Set.copyOf(parked);
            parked.clear();
        }
        waited.forEach(release::released);
    }
}
