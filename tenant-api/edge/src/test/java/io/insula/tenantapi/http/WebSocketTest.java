package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("StringConcatToTextBlock") // the line ends are what is sent
class WebSocketTest {

    private static final int DEADLINE_SECONDS = 180;

    private final Edge edge = new Edge();
    private final HttpClient client = edge.client(HttpClient.Version.HTTP_1_1);
    private final Recorder recorder = new Recorder();

    @AfterEach
    void stop() {
        client.shutdownNow();
        edge.close();
    }

    @Test
    void sendsEachWriteAsOneMessageAndClosesCleanly() throws Exception {
        var streams = new CompletableFuture<HttpResponder.BodyStream>();
        edge.handle((request, responder) -> {
            assertThat(request.webSocket()).isTrue();
            streams.complete(responder.stream(200, Map.of()));
        });
        connect();
        var stream = streams.get(DEADLINE_SECONDS, TimeUnit.SECONDS);

        stream.write(bytes("{\"type\":\"ADDED\"}\n"));
        stream.write(bytes("x".repeat(200_000)));

        assertThat(recorder.next()).isEqualTo("text {\"type\":\"ADDED\"}");
        assertThat(recorder.next()).isEqualTo("text " + "x".repeat(200_000));
        stream.close();
        assertThat(recorder.next()).isEqualTo("close 1000");
    }

    @Test
    void sendsTextsThatAreNoEventsAsTheyAre() throws Exception {
        edge.handle((_, responder) -> {
            var stream = responder.stream(200, Map.of("Content-Type", List.of("text/plain")));
            stream.write(bytes("container is alive\n"));
            stream.close();
        });
        assertThat(connect("base64.binary.k8s.io", "binary.k8s.io").getSubprotocol())
                .isEqualTo("binary.k8s.io");
        assertThat(recorder.next()).isEqualTo("bytes container is alive\n");
        assertThat(recorder.next()).isEqualTo("close 1000");

        assertThat(connect().getSubprotocol()).as("who names none").isEmpty();
        assertThat(recorder.next()).isEqualTo("bytes container is alive\n");
    }

    @Test
    void answersPingAndHearsOfClose() throws Exception {
        var ended = new CountDownLatch(1);
        edge.handle((_, responder) -> responder.stream(200, Map.of()).onClose(ended::countDown));
        WebSocket socket = connect();

        socket.sendPing(ByteBuffer.wrap(bytes("hi"))).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(recorder.next()).isEqualTo("pong");
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(DEADLINE_SECONDS, TimeUnit.SECONDS);

        assertThat(ended.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void endsWithTheServer() throws Exception {
        edge.handle((_, responder) -> responder.stream(200, Map.of()).write(bytes("event")));
        connect();
        assertThat(recorder.next()).isEqualTo("text event");

        edge.server().close();

        assertThat(recorder.next()).isEqualTo("close 1000");
    }

    @Test
    void refusesHandshakesOfOtherVersions() {
        assertThat(edge.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
    }

    @Test
    void refusalIsPlainHttp() {
        edge.handle((_, responder) -> responder.send(403, Map.of("Content-Type", List.of("text/plain")), bytes("no")));

        assertThat(catchThrowable(this::connect))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(403));
    }

    private WebSocket connect(String... protocols) {
        WebSocket.Builder socket = client.newWebSocketBuilder();
        if (protocols.length > 0) {
            socket.subprotocols(protocols[0], Arrays.copyOfRange(protocols, 1, protocols.length));
        }
        return socket.buildAsync(
                        URI.create("wss://127.0.0.1:" + edge.server().port() + "/api/v1/pods?watch=1"), recorder)
                .orTimeout(DEADLINE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static final class Recorder implements WebSocket.Listener {

        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();

        String next() throws InterruptedException {
            return String.valueOf(messages.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
        }

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add("text " + text);
                text.setLength(0);
            }
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            messages.add("bytes " + StandardCharsets.UTF_8.decode(data));
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
            messages.add("pong");
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            messages.add("close " + status);
            return CompletableFuture.completedFuture(null);
        }
    }
}
