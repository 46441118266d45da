package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.http.StandardHttpRequest.BodyContent;
import io.fabric8.kubernetes.client.http.StandardHttpRequest.ByteArrayBodyContent;
import io.fabric8.kubernetes.client.http.StandardHttpRequest.InputStreamBodyContent;
import io.fabric8.kubernetes.client.http.StandardHttpRequest.StringBodyContent;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpServer;
import io.insula.tenantapi.http.NearPeer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A client's requests for one server of this process. Thread-safe.
final class NearWay {

    private static final byte[] NO_BYTES = {};

    private final Supplier<Optional<HttpServer>> server;
    private final List<X509Certificate> shown;
    private volatile @Nullable Known known;

    /// @param server that is there now
    /// @param shown the client's certificate and what it was issued by
    NearWay(Supplier<Optional<HttpServer>> server, List<X509Certificate> shown) {
        this.server = server;
        this.shown = List.copyOf(shown);
    }

    Optional<CompletableFuture<HttpResponse<AsyncBody>>> send(
            StandardHttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        return server.get().map(running -> answer(peer(running).send(asked(request)), request, consumer));
    }

    private NearPeer peer(HttpServer running) {
        Known last = known;
        if (last == null || !last.server().equals(running)) {
            last = new Known(running, running.near(shown));
            known = last;
        }
        return last.peer();
    }

    private static CompletableFuture<HttpResponse<AsyncBody>> answer(
            CompletableFuture<NearPeer.Reply> coming,
            StandardHttpRequest request,
            AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        var answer = new CompletableFuture<HttpResponse<AsyncBody>>();
        var _ = coming.whenComplete((reply, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else if (!answer.complete(new NearResponse(request, reply, consumer))) {
                reply.body().cancel();
            }
        });
        Duration patience = request.getTimeout();
        if (patience != null && !patience.isZero()) {
            giveUpAfter(patience, answer);
        }
        return answer;
    }

    private static void giveUpAfter(Duration patience, CompletableFuture<?> answer) {
        Executor later = CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS, Runnable::run);
        var waiting = CompletableFuture.runAsync(
                () -> answer.completeExceptionally(new HttpTimeoutException("no answer within " + patience)), later);
        var _ = answer.whenComplete((_, _) -> waiting.cancel(false));
    }

    private static HttpRequest asked(StandardHttpRequest request) {
        URI uri = request.uri();
        return new HttpRequest(
                request.method(),
                uri.getRawPath(),
                uri.getRawQuery() == null ? "" : uri.getRawQuery(),
                headers(request),
                bytes(request.body()),
                "",
                List.of(),
                false);
    }

    private static Map<String, List<String>> headers(StandardHttpRequest request) {
        var all = new LinkedHashMap<String, List<String>>();
        request.headers().forEach((name, values) -> all.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        if (request.getContentType() != null) {
            all.put("content-type", List.of(request.getContentType()));
        }
        return all;
    }

    private static byte[] bytes(@Nullable BodyContent body) {
        return switch (body) {
            case null -> NO_BYTES;
            case StringBodyContent text -> text.getContent().getBytes(StandardCharsets.UTF_8);
            case ByteArrayBodyContent bytes -> bytes.getContent();
            case InputStreamBodyContent stream -> read(stream);
            default -> throw new IllegalArgumentException("cannot send " + body.getClass());
        };
    }

    private static byte[] read(InputStreamBodyContent body) {
        try (var stream = body.getContent()) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Known(HttpServer server, NearPeer peer) {}
}
