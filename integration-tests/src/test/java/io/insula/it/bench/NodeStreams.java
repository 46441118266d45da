package io.insula.it.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/// Exec and logs of a kubelet's API, or of a container runtime's, by Java's own client. Thread-safe.
///
/// Source: kubernetes, `staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go`.
final class NodeStreams implements AutoCloseable {

    private static final String PROTOCOL = "v4.channel.k8s.io";
    private static final long PATIENCE_SECONDS = 60;

    private final HttpClient client;

    NodeStreams(Target target) {
        client = HttpClient.newBuilder().sslContext(target.tls()).build();
    }

    /// Runs a command to its end.
    ///
    /// @param url with the command, as `wss://…` or `ws://…`
    /// @return what it wrote to its standard output
    /// @throws IOException unless it ended with 0
    String exec(URI url) throws Exception {
        var ended = new Ended();
        client.newWebSocketBuilder()
                .subprotocols(PROTOCOL)
                .buildAsync(url, ended)
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        ended.future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (!ended.status.toString().contains("\"Success\"")) {
            throw new IOException(url + ": " + ended.status);
        }
        return ended.output.toString();
    }

    /// Reads until so many bytes have come.
    ///
    /// @return seconds from the first to the last
    double follow(URI url, long bytes) throws Exception {
        HttpResponse<InputStream> answer =
                client.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException(url + ": " + answer.statusCode());
        }
        try (InputStream in = answer.body()) {
            byte[] buffer = new byte[1 << 16];
            long begin = 0;
            for (long read = 0; read < bytes; ) {
                int some = in.read(buffer);
                if (some < 0) {
                    throw new IOException(url + " ended after " + read + " bytes");
                }
                begin = begin == 0 ? System.nanoTime() : begin;
                read += some;
            }
            return (System.nanoTime() - begin) / 1e9;
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    private static final class Ended implements WebSocket.Listener {

        private static final int OUTPUT = 1;
        private static final int STATUS = 3;

        private final CompletableFuture<Integer> future = new CompletableFuture<>();
        private final StringBuilder output = new StringBuilder();
        private final StringBuilder status = new StringBuilder();
        private int channel = -1;

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            int of = channel >= 0 || !data.hasRemaining() ? channel : data.get();
            String said = StandardCharsets.UTF_8.decode(data).toString();
            if (of == OUTPUT) {
                output.append(said);
            } else if (of == STATUS) {
                status.append(said);
            }
            channel = last ? -1 : of;
            socket.request(1);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            future.complete(code);
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            future.completeExceptionally(error);
        }
    }
}
