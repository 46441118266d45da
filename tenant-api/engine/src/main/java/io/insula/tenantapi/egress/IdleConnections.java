package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import javax.net.ssl.KeyManager;
import org.jspecify.annotations.Nullable;

/// Connections that wait for their next request: [#MAX] at most, the oldest go first. Thread-safe: guarded by `this`.
final class IdleConnections implements AutoCloseable {

    static final int MAX = 16;
    private static final Duration KEPT = Duration.ofSeconds(60);

    /// After so long the other side may have ended it: looked at before it is used.
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final Deque<Idle> all = new ArrayDeque<>();
    private boolean closed;

    /// Whom a connection was made to, by the name and the trust that TLS was given, and what was shown there.
    record Key(String name, int port, Trust trust, List<KeyManager> keys) {}

    private record Idle(Key key, Connection connection, long sinceNanos) {
        boolean isOlderThan(Duration age) {
            return System.nanoTime() - sinceNanos > age.toNanos();
        }
    }

    /// The one last used, of those that lead to one of these addresses; null where there is none.
    @Nullable
    Connection take(Key key, List<IpAddress> addresses) {
        for (Idle found = remove(key, addresses); found != null; found = remove(key, addresses)) {
            if (!found.isOlderThan(FRESH)
                    || (!found.isOlderThan(KEPT) && found.connection().isQuiet())) {
                return found.connection();
            }
            found.connection().close();
        }
        return null;
    }

    private synchronized @Nullable Idle remove(Key key, List<IpAddress> addresses) {
        for (Iterator<Idle> each = all.descendingIterator(); each.hasNext(); ) {
            Idle idle = each.next();
            if (idle.key().equals(key) && addresses.contains(idle.connection().address())) {
                each.remove();
                return idle;
            }
        }
        return null;
    }

    void give(Key key, Connection connection) {
        synchronized (this) {
            if (!closed) {
                all.addLast(new Idle(key, connection, System.nanoTime()));
                while (all.size() > MAX || all.getFirst().isOlderThan(KEPT)) {
                    all.removeFirst().connection().close();
                }
                return;
            }
        }
        connection.close();
    }

    @Override
    public synchronized void close() {
        closed = true;
        all.forEach(idle -> idle.connection().close());
        all.clear();
    }
}
