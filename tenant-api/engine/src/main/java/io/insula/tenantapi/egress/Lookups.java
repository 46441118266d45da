package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Looks names up in bounded time and on few threads: a look-up cannot be interrupted, and a name server of the
/// tenant's choice could hold whatever asks it. Threads end when nobody has asked for some seconds. Thread-safe.
final class Lookups implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int WAITING = 256;
    private static final Duration IDLE = Duration.ofSeconds(5);

    private final Names names;
    private final ThreadPoolExecutor threads;

    Lookups(Names names) {
        this.names = names;
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                IDLE.toMillis(),
                TimeUnit.MILLISECONDS,
                new LinkedBlockingQueue<>(WAITING),
                Thread.ofPlatform().name("egress-names-", 0).daemon(true).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    /// What a name leads to, looked up once.
    ///
    /// @throws EgressException where it leads nowhere, or not in time
    List<IpAddress> find(String name, Duration patience) throws EgressException, InterruptedException {
        Future<List<IpAddress>> found;
        try {
            found = threads.submit(() -> names.find(name));
        } catch (RejectedExecutionException e) {
            throw new EgressException("dial tcp: lookup " + name + ": too many names are being looked up", e);
        }
        try {
            return found.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new EgressException("dial tcp: lookup " + name + ": i/o timeout", e);
        } catch (ExecutionException e) {
            boolean unknown = e.getCause() instanceof UnknownHostException;
            throw new EgressException("dial tcp: lookup " + name + (unknown ? ": no such host" : ": " + e), e);
        } finally {
            // where it is complete, this does nothing
            found.cancel(true);
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
