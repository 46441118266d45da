package io.insula.controlplane.cluster;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.insula.tenantapi.http.NearBody;
import io.insula.tenantapi.http.NearPeer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/// An answer of a server of this process, as a client knows answers. Thread-safe.
final class NearResponse implements HttpResponse<AsyncBody>, AsyncBody, NearBody.Reader {

    private final HttpRequest request;
    private final int status;
    private final Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final NearBody body;
    private final Consumer<List<ByteBuffer>> consumer;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    NearResponse(HttpRequest request, NearPeer.Reply reply, Consumer<List<ByteBuffer>> consumer) {
        this.request = request;
        this.consumer = consumer;
        status = reply.status();
        headers.putAll(reply.headers());
        body = reply.body();
    }

    @Override
    public int code() {
        return status;
    }

    @Override
    public AsyncBody body() {
        return this;
    }

    @Override
    public HttpRequest request() {
        return request;
    }

    @Override
    public Optional<HttpResponse<?>> previousResponse() {
        return Optional.empty();
    }

    @Override
    public List<String> headers(String key) {
        return headers.getOrDefault(key, List.of());
    }

    @Override
    public Map<String, List<String>> headers() {
        return headers;
    }

    @Override
    public void consume() {
        body.next(this);
    }

    @Override
    public CompletableFuture<Void> done() {
        return done;
    }

    @Override
    public void cancel() {
        body.cancel();
        done.cancel(false);
    }

    @Override
    public void read(List<byte[]> chunks) {
        try {
            consumer.consume(chunks.stream().map(ByteBuffer::wrap).toList(), this);
        } catch (Exception e) {
            done.completeExceptionally(e);
            body.cancel();
        }
    }

    @Override
    public void ended(boolean whole) {
        if (whole) {
            done.complete(null);
        } else {
            done.completeExceptionally(new IOException("the answer was cut"));
        }
    }
}
