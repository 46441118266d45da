package io.insula.tenantapi.http;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocket;

/// A server on loopback whose handler a test exchanges, and the sockets to talk to it.
final class Edge implements AutoCloseable {

    static final Duration DEADLINE = Duration.ofMinutes(3);

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final AtomicReference<HttpHandler> handler = new AtomicReference<>(Edge::echo);
    private final List<HttpRefusal> refusals = new CopyOnWriteArrayList<>();
    private final TestPki pki;
    private final HttpServer server;

    Edge() {
        this(config -> config);
    }

    Edge(UnaryOperator<HttpServerConfig> change) {
        try {
            pki = new TestPki("CN=tenant");
            server = HttpServer.start(change.apply(HttpServerConfig.loopback(pki.serverTls())), loops, new Recording());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private final class Recording implements HttpHandler {
        @Override
        public void handle(io.insula.tenantapi.http.HttpRequest request, HttpResponder responder) {
            handler.get().handle(request, responder);
        }

        @Override
        public void refused(HttpRefusal refusal) {
            refusals.add(refusal);
            handler.get().refused(refusal);
        }
    }

    /// What the handler has heard of.
    List<HttpRefusal> refusals() {
        return refusals;
    }

    HttpServer server() {
        return server;
    }

    TestPki pki() {
        return pki;
    }

    void handle(HttpHandler next) {
        handler.set(next);
    }

    static void echo(io.insula.tenantapi.http.HttpRequest request, HttpResponder responder) {
        text(responder, request.method() + " " + request.path() + " " + request.body().length + ";");
    }

    static void text(HttpResponder responder, String text) {
        responder.send(200, Map.of("Content-Type", List.of("text/plain")), bytes(text));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    HttpClient client(Version version) {
        try {
            return HttpClient.newBuilder()
                    .version(version)
                    .sslContext(pki.clientContext(null))
                    .build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
                .timeout(DEADLINE);
    }

    /// A TLS connection that speaks HTTP/1.1.
    SSLSocket connect() {
        try {
            var socket = (SSLSocket) pki.clientContext(null)
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), server.port());
            socket.setSoTimeout((int) DEADLINE.toMillis());
            return socket;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /// Sends bytes and reads until the server closes.
    String raw(String text) {
        try (var socket = connect()) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits for another thread of the test; a handler's way to be slow.
    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("nobody counted down");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for what the server does in its own time.
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("did not happen: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
