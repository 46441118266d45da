package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;
import io.netty.handler.codec.http.HttpResponse;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Sends requests to other servers over TLS, each to an address that the policy allows at that moment. Thread-safe.
///
/// The one way out of a tenant's API server: see the package.
public final class Egress implements AutoCloseable {

    private final EgressPolicy policy;
    private final Lookups names;
    private final Contexts contexts = new Contexts();
    private final Supplier<List<KeyManager>> keys;
    private final IdleConnections idle = new IdleConnections();

    /// @param keys of the certificate that this server shows; empty for none
    public Egress(EgressPolicy policy, List<KeyManager> keys) {
        this(policy, () -> keys);
    }

    /// @param keys of the certificate that this server shows, asked at each request; the same list until it is another
    public Egress(EgressPolicy policy, Supplier<List<KeyManager>> keys) {
        this(policy, keys, Names.SYSTEM);
    }

    Egress(EgressPolicy policy, List<KeyManager> keys, Names names) {
        this(policy, () -> keys, names);
    }

    private Egress(EgressPolicy policy, Supplier<List<KeyManager>> keys, Names names) {
        this.policy = policy;
        this.names = new Lookups(names);
        this.keys = keys;
    }

    /// Sends a request and returns when the head of its answer has come; redirects are answers like any other.
    ///
    /// @param patience until then; what follows is the caller's
    /// @throws EgressException where there is no answer: not allowed, not there, not trusted, not in time
    /// @throws IllegalArgumentException where a header cannot be sent
    public Answer send(OutgoingRequest request, Destination destination, Trust trust, Duration patience)
            throws EgressException, InterruptedException {
        try (var deadline = new Deadline(patience)) {
            return begin(request, destination, trust, deadline);
        }
    }

    /// Sends a request and makes something of the whole answer.
    ///
    /// @param patience for all of it
    /// @throws EgressException where there is no answer, or `use` could not read it
    public <T> T call(OutgoingRequest request, Destination destination, Trust trust, Duration patience, Use<T> use)
            throws EgressException, InterruptedException {
        try (var deadline = new Deadline(patience)) {
            Answer answer = begin(request, destination, trust, deadline);
            try {
                return use.read(answer);
            } catch (IOException e) {
                throw failed(e, deadline, null, 0);
            } finally {
                answer.body().close();
            }
        } catch (EgressException e) {
            throw e;
        } catch (IOException e) {
            throw new EgressException(String.valueOf(e.getMessage()), e);
        }
    }

    /// Reads an answer.
    @FunctionalInterface
    public interface Use<T> {
        T read(Answer answer) throws IOException;
    }

    private Answer begin(OutgoingRequest request, Destination destination, Trust trust, Deadline deadline)
            throws EgressException, InterruptedException {
        if (!"https".equals(request.url().getScheme())) {
            throw new EgressException("unsupported protocol scheme: only https is spoken");
        }
        Route.requireHost(request.url());
        Route route = Route.find(destination, request, policy, names, deadline.left());
        var key = new IdleConnections.Key(request.host(), route.port(), trust, List.copyOf(keys.get()));
        Connection used = idle.take(key, route.addresses());
        if (used != null) {
            deadline.guard(used);
            try {
                return exchange(used, request, key);
            } catch (IOException e) {
                if (!request.isSafe() || deadline.hasPassed()) {
                    throw failed(e, deadline, used.address(), route.port());
                }
                // it ended while nobody used it
            }
        }
        return overNew(request, route, key, deadline);
    }

    private Answer overNew(OutgoingRequest request, Route route, IdleConnections.Key key, Deadline deadline)
            throws EgressException, InterruptedException {
        @Nullable EgressException last = null;
        for (IpAddress address : route.addresses()) {
            var connection = new Connection(address);
            deadline.guard(connection);
            try {
                connection.open(
                        route.port(),
                        request.host(),
                        contexts.of(key.trust(), request.host(), key.keys()),
                        deadline.left());
                return exchange(connection, request, key);
            } catch (IOException e) {
                connection.close();
                last = failed(e, deadline, address, route.port());
                if (!(e instanceof ConnectException) || deadline.hasPassed()) {
                    throw last;
                }
            }
        }
        throw last == null ? new EgressException("no address") : last;
    }

    private Answer exchange(Connection connection, OutgoingRequest request, IdleConnections.Key key)
            throws IOException {
        boolean answered = false;
        try {
            connection.send(request);
            HttpResponse head = connection.head();
            answered = true;
            return new Answer(connection, head, again -> idle.give(key, again));
        } finally {
            if (!answered) {
                connection.close();
            }
        }
    }

    /// As Go words it.
    ///
    /// @throws InterruptedException where that is why
    private static EgressException failed(IOException e, Deadline deadline, @Nullable IpAddress address, int port)
            throws InterruptedException {
        if (deadline.hasPassed()) {
            return new EgressException("context deadline exceeded", e);
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        if (e instanceof EgressException known) {
            return known;
        }
        String text = String.valueOf(e.getMessage());
        if (address != null && e instanceof ConnectException) {
            String host = address.isIpv4() ? address.toString() : "[" + address + "]";
            return new EgressException("dial tcp " + host + ":" + port + ": connect: " + connectFault(text), e);
        }
        return new EgressException(e instanceof SSLException ? tls(e) : text, e);
    }

    private static String connectFault(String text) {
        String plain = text.toLowerCase(Locale.ROOT);
        return plain.contains("refused") ? "connection refused" : plain;
    }

    private static String tls(Throwable failure) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = String.valueOf(cause.getMessage());
            int at = text.indexOf("tls: ");
            if (at >= 0) {
                return text.substring(at);
            }
        }
        return "tls: " + failure.getMessage();
    }

    /// Ends idle connections; answers that are being read go on.
    @Override
    public void close() {
        idle.close();
        names.close();
    }
}
