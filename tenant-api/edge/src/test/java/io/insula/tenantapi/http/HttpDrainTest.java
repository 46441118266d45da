package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a stopping server owes those who are being served.
@Timeout(300)
@SuppressWarnings("StringConcatToTextBlock") // the line ends are what is sent
class HttpDrainTest {

    private final CountDownLatch release = new CountDownLatch(1);
    private Edge edge = new Edge();

    @AfterEach
    void stop() {
        release.countDown();
        edge.close();
    }

    /// `/watch` streams one event and stays, `/slow` answers 2 MB when released.
    private void serve(CountDownLatch entered) {
        edge.handle((request, responder) -> {
            if (request.path().equals("/watch")) {
                responder.stream(200, Map.of()).write(Edge.bytes("event"));
                entered.countDown();
                return;
            }
            entered.countDown();
            Edge.await(release);
            Edge.text(responder, "x".repeat(2_000_000));
        });
    }

    @ParameterizedTest
    @EnumSource
    void finishesRunningRequestsAndEndsStreams(Version version) throws Exception {
        var entered = new CountDownLatch(2);
        serve(entered);
        try (var client = edge.client(version)) {
            var watch = client.sendAsync(edge.request("/watch").build(), BodyHandlers.ofString());
            var slow = client.sendAsync(edge.request("/slow").build(), BodyHandlers.ofString());
            Edge.await(entered);

            var stopping = Thread.ofVirtual().start(edge.server()::close);

            assertThat(watch.get(3, TimeUnit.MINUTES).body()).isEqualTo("event");
            release.countDown();
            assertThat(slow.get(3, TimeUnit.MINUTES).body()).hasSize(2_000_000);
            assertThat(stopping.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    @Test
    void refusesNewRequestsOnOpenConnectionsAndTakesNoNewOnes() throws Exception {
        var entered = new CountDownLatch(1);
        serve(entered);
        try (var client = edge.client(Version.HTTP_1_1);
                SSLSocket open = edge.connect()) {
            open.startHandshake();
            // the connection has its pipeline once it has answered
            var slow = client.sendAsync(edge.request("/slow").build(), BodyHandlers.ofString());
            Edge.await(entered);
            int port = edge.server().port();

            var stopping = Thread.ofVirtual().start(edge.server()::close);
            Edge.await("the port is closed", () -> isClosed(port));
            open.getOutputStream().write(Edge.bytes("GET /late HTTP/1.1\r\nHost: a\r\n\r\n"));
            var lines = new BufferedReader(new InputStreamReader(open.getInputStream(), StandardCharsets.UTF_8));
            String answer = String.join("\n", lines.lines().toList());

            assertThat(answer)
                    .startsWith("HTTP/1.1 503 ")
                    .containsIgnoringCase("retry-after: 1")
                    .containsIgnoringCase("connection: close")
                    .contains("apiserver is shutting down");
            release.countDown();
            assertThat(slow.get(3, TimeUnit.MINUTES).body()).hasSize(2_000_000);
            assertThat(stopping.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    private static boolean isClosed(int port) {
        try (var _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (ConnectException e) {
            return true;
        } catch (java.io.IOException e) {
            return false;
        }
    }

    @Test
    void givesUpOnHandlersAtTheDeadline() throws Exception {
        edge.close();
        edge = new Edge(
                config -> new HttpServerConfig(config.address(), config.port(), config.tls(), Duration.ofMillis(200)));
        var entered = new CountDownLatch(1);
        var interrupted = new CountDownLatch(1);
        edge.handle((_, _) -> {
            entered.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        });
        try (var client = edge.client(Version.HTTP_2)) {
            var never = client.sendAsync(edge.request("/").build(), BodyHandlers.ofString());
            Edge.await(entered);

            edge.server().close();

            Edge.await(interrupted);
            assertThat(never).failsWithin(Edge.DEADLINE);
        }
    }

    @Test
    void endsStreamsThatBeginWhileItStops() throws Exception {
        var entered = new CountDownLatch(1);
        edge.handle((_, responder) -> {
            entered.countDown();
            Edge.await(release);
            responder.stream(200, Map.of());
        });
        try (var client = edge.client(Version.HTTP_2)) {
            var watch = client.sendAsync(edge.request("/watch").build(), BodyHandlers.ofString());
            Edge.await(entered);
            int port = edge.server().port();
            var stopping = Thread.ofVirtual().start(edge.server()::close);
            Edge.await("the port is closed", () -> isClosed(port));
            release.countDown();

            assertThat(watch.get(3, TimeUnit.MINUTES).statusCode()).isEqualTo(200);
            assertThat(stopping.join(Duration.ofSeconds(20))).isTrue();
        }
    }
}
