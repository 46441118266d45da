package io.insula.tenantapi.http;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request of a [NearPeer] and its answer, as [HttpExchange] is of a connection: it has ended when its handler has
/// returned and its answer has been read (or nobody is left to read it). Thread-safe: answering is decided by one flag.
final class NearExchange implements HttpResponder, Runnable, ServerState.Running {

    private static final Logger LOG = LoggerFactory.getLogger(NearExchange.class);

    private final ServerState state;
    private final Connection connection;
    private final CompletableFuture<NearPeer.Reply> reply = new CompletableFuture<>();
    private final AtomicBoolean answered = new AtomicBoolean();
    private final AtomicBoolean out = new AtomicBoolean();
    private final AtomicInteger openParts = new AtomicInteger(2);
    private volatile HttpRequest request;
    private volatile long reservedBytes;
    private volatile @Nullable ResponseStream stream;

    /// @param asked of nobody in particular
    NearExchange(ServerState state, Connection connection, HttpRequest asked) {
        this.state = state;
        this.connection = connection;
        request = from(asked, asked.body());
    }

    private HttpRequest from(HttpRequest asked, byte[] body) {
        return new HttpRequest(
                asked.method(),
                asked.path(),
                asked.query(),
                asked.headers(),
                body,
                connection.remoteAddress(),
                connection.clientCertificates(),
                connection.proxyCertificates(),
                false);
    }

    CompletableFuture<NearPeer.Reply> reply() {
        return reply;
    }

    /// @param bytes of the body, given back when the handler has returned
    void reserved(long bytes) {
        reservedBytes = bytes;
    }

    /// Calls the handler, on a thread of this request's own.
    @Override
    public void run() {
        try {
            if (!state.draining()) {
                state.handler().handle(request, this);
            } else if (answered.compareAndSet(false, true)) {
                sendStatus(ApiException.unavailable("apiserver is shutting down"));
            }
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).addKeyValue("path", request.path()).log("request handler failed");
        } finally {
            if (answered.compareAndSet(false, true)) {
                sendStatus(ApiException.internal("the request was not answered", null));
            }
            handled();
            if (stream != null) {
                // it may go on for hours
                request = HttpRequest.FORGOTTEN;
            }
        }
    }

    /// In place of the handler, which only hears of it.
    void refuse(ApiException error) {
        try {
            state.handler()
                    .refused(new HttpRefusal(
                            from(request, new byte[0]), error.code(), String.valueOf(error.getMessage())));
        } catch (RuntimeException e) {
            LOG.atError().addKeyValue("status", error.code()).setCause(e).log("a refusal cannot be recorded");
        } finally {
            answered.set(true);
            sendStatus(error);
            handled();
        }
    }

    @Override
    public void send(int status, Map<String, List<String>> headers, byte[] body) {
        claim();
        sendNow(status, headers, body);
    }

    @Override
    public BodyStream stream(int status, Map<String, List<String>> headers) {
        claim();
        var body = new NearBody(state.executor());
        var opened = new ResponseStream(state.config().limits(), connection, body);
        body.onLeft(opened::gone, this::left);
        stream = opened;
        begin(status, headers, body);
        if (state.draining()) {
            opened.close();
        }
        return opened;
    }

    @Override
    public void endStream() {
        ResponseStream open = stream;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public void cut() {
        ResponseStream open = stream;
        if (open != null) {
            open.abort();
        }
        reply.completeExceptionally(new IOException("the server has ended"));
        left();
    }

    private void claim() {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("answered twice: " + request.method() + " " + request.path());
        }
    }

    private void sendStatus(ApiException error) {
        sendNow(error.code(), Refusals.headers(error.status()), Json.bytes(error.status()));
    }

    private void sendNow(int status, Map<String, List<String>> headers, byte[] body) {
        begin(status, headers, NearBody.of(body, state.executor()));
        left();
    }

    /// Whoever waits for it goes on elsewhere: this thread still counts as the handler's.
    private void begin(int status, Map<String, List<String>> headers, NearBody body) {
        var _ = reply.completeAsync(() -> new NearPeer.Reply(status, headers, body), state.executor());
    }

    private void left() {
        if (out.compareAndSet(false, true)) {
            partDone();
        }
    }

    /// The handler will not do any more.
    void handled() {
        state.releaseBody(reservedBytes);
        partDone();
    }

    private void partDone() {
        if (openParts.decrementAndGet() == 0) {
            state.ended(this);
        }
    }
}
