package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.api.ApiException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;

/// Ends requests that take too long, with a 504. Their handlers run on, as nobody can tell how far a write has
/// come, but what they answer is dropped; every call below them has a deadline of its own. One look at all running
/// requests every now and then costs less than a timer for each, and nothing where none runs. Thread-safe.
///
/// Source: kubernetes/apiserver, `filters/request_deadline.go`, `filters/timeout.go`, `handlers/rest.go`
/// (requestTimeoutUpperBound).
final class Deadlines {

    /// Of any request; a client may ask for less.
    static final Duration LONGEST = Duration.ofSeconds(60);

    /// Of a request that writes.
    static final Duration LONGEST_WRITE = Duration.ofSeconds(34);

    private static final long LOOK_MILLIS = 250;

    private final ScheduledExecutorService timers;
    private final BiConsumer<Exchange, ApiException> refuse;
    private final Set<Exchange> running = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean looking = new AtomicBoolean();

    /// @param refuse answers in place of the handler; may block
    Deadlines(ScheduledExecutorService timers, BiConsumer<Exchange, ApiException> refuse) {
        this.timers = timers;
        this.refuse = refuse;
    }

    /// From the request's own word and what upstream allows its verb.
    ///
    /// @throws ApiException 400 for a `timeout` that is no duration
    void begin(Exchange exchange) {
        if (exchange.info().isLongRunning()) {
            return;
        }
        exchange.allow(allowed(exchange));
        running.add(exchange);
        if (looking.compareAndSet(false, true)) {
            lookLater();
        }
    }

    void end(Exchange exchange) {
        running.remove(exchange);
    }

    private static Duration allowed(Exchange exchange) {
        Duration longest = exchange.info().isWrite() ? LONGEST_WRITE : LONGEST;
        String asked = exchange.query().text("timeout");
        if (asked.isEmpty()) {
            return longest;
        }
        try {
            Duration wanted = GoDuration.parse(asked);
            return wanted.isPositive() && wanted.compareTo(longest) < 0 ? wanted : longest;
        } catch (IllegalArgumentException e) {
            throw ApiException.badRequest("invalid timeout specified in the request URL - " + e.getMessage());
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // runs once, and is harmless when nothing runs any more
    private void lookLater() {
        timers.schedule(this::look, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        var overdue = running.stream().filter(Exchange::isOverdue).toList();
        for (Exchange exchange : overdue) {
            if (running.remove(exchange)) {
                // the audit sink may block, the timers' thread must not
                Thread.ofVirtual().name("request-timeout").start(() -> refuse.accept(exchange, error(exchange)));
            }
        }
        if (!running.isEmpty()) {
            lookLater();
            return;
        }
        looking.set(false);
        if (!running.isEmpty() && looking.compareAndSet(false, true)) {
            lookLater();
        }
    }

    private static ApiException error(Exchange exchange) {
        return ApiException.timeout(
                exchange.info().isWrite()
                        ? "request did not complete within requested timeout - context deadline exceeded"
                        : "request did not complete within the allotted timeout",
                0);
    }
}
