package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What was answered arrives, whatever the client says while the connection ends.
@Timeout(300)
@SuppressWarnings("StringConcatToTextBlock") // the line ends are what is sent
class FarewellTest {

    /// More than a client with a small buffer is sent at once: the rest waits in the server's kernel.
    private static final int LARGE = 256 * 1024;

    private final CountDownLatch entered = new CountDownLatch(1);
    private final Edge edge = new Edge();

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void anAnswerThatEndsItsConnectionArrivesThoughTheClientGoesOnTalking() throws Exception {
        try (SSLSocket slow = reader()) {
            ask(slow, "Connection: close\r\n");
            Edge.await("the answer has left", edge.server()::isIdle);

            goOnTalking(slow);

            assertThat(rest(slow)).endsWith("x".repeat(LARGE));
        }
    }

    @Test
    void theLastAnswersOfAStoppingServerArriveThoughTheClientGoesOnTalking() throws Exception {
        Thread stopping;
        try (SSLSocket slow = reader()) {
            ask(slow, "");
            Edge.await("the answer has left", edge.server()::isIdle);
            stopping = Thread.ofVirtual().start(edge.server()::close);
            assertThat(stopping.join(Duration.ofMillis(200)))
                    .as("waits for its client")
                    .isFalse();

            goOnTalking(slow);

            assertThat(rest(slow)).endsWith("x".repeat(LARGE));
        }
        assertThat(stopping.join(Edge.DEADLINE)).isTrue();
    }

    /// Connected, with room for little.
    private SSLSocket reader() throws Exception {
        var socket =
                (SSLSocket) edge.pki().clientContext(null).getSocketFactory().createSocket();
        socket.setReceiveBufferSize(4096);
        socket.setSoTimeout((int) Edge.DEADLINE.toMillis());
        socket.connect(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), edge.server().port()));
        return socket;
    }

    private void ask(SSLSocket socket, String headers) throws IOException {
        edge.handle((_, responder) -> {
            Edge.text(responder, "x".repeat(LARGE));
            entered.countDown();
        });
        socket.getOutputStream().write(Edge.bytes("GET /large HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n"));
        Edge.await(entered);
    }

    private static void goOnTalking(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(Edge.bytes("GET /late HTTP/1.1\r\nHost: a\r\n\r\n"));
    }

    private static String rest(SSLSocket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
