package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.http.HttpResponder.BodyStream;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(300)
class HttpServerTest {

    private static MultiThreadIoEventLoopGroup loops;
    private static TestPki pki;
    private static TestPki stranger;

    private final AtomicReference<BodyStream> stream = new AtomicReference<>();
    private final CompletableFuture<Void> streamEnded = new CompletableFuture<>();
    private HttpServer server;

    @BeforeAll
    static void prepare() throws Exception {
        loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        pki = new TestPki("CN=tenant");
        stranger = new TestPki("CN=stranger");
    }

    @AfterAll
    static void end() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.start(HttpServerConfig.loopback(pki.serverTls()), loops, this::handle);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void handle(io.insula.tenantapi.http.HttpRequest request, HttpResponder responder) {
        switch (request.path()) {
            case "/who" ->
                text(
                        responder,
                        request.clientCertificates().isEmpty()
                                ? "nobody"
                                : request.clientCertificates()
                                        .getFirst()
                                        .getSubjectX500Principal()
                                        .getName());
            case "/echo" -> text(responder, request.method() + " " + request.query() + " " + request.body().length);
            case "/big" -> text(responder, "x".repeat(200_000));
            case "/boom" -> throw new IllegalStateException("handler failed on purpose");
            case "/silent" -> {}
            case "/watch" -> {
                BodyStream body = responder.stream(200, Map.of("Content-Type", List.of("application/json")));
                body.onClose(() -> streamEnded.complete(null));
                body.write("first\n".getBytes(StandardCharsets.UTF_8));
                stream.set(body);
            }
            default -> responder.send(404, Map.of(), new byte[0]);
        }
    }

    private static void text(HttpResponder responder, String text) {
        responder.send(200, Map.of("Content-Type", List.of("text/plain")), text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @EnumSource
    void answersOverBothProtocols(Version version) throws Exception {
        try (HttpClient client = client(version, null)) {
            var answer = client.send(
                    request("/echo?a=b")
                            .POST(HttpRequest.BodyPublishers.ofString("12345"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.body()).isEqualTo("POST a=b 5");
            assertThat(answer.version()).isEqualTo(version);
            assertThat(client.send(request("/echo").build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("GET  0");
        }
    }

    static Stream<TestCredential> credentials() throws Exception {
        return TestCredential.all(pki, stranger);
    }

    @ParameterizedTest
    @MethodSource("credentials")
    void showsOnlyCertificatesThatCount(TestCredential credential) throws Exception {
        try (HttpClient client = client(Version.HTTP_2, credential.identity())) {
            assertThat(client.send(request("/who").build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo(credential.want());
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesBodiesBeyondTheLimitAndStaysUp(Version version) throws Exception {
        try (HttpClient client = client(version, null)) {
            byte[] body = new byte[HttpServerConfig.MAX_BODY_BYTES + 1];
            Arrays.fill(body, (byte) 'x');
            try {
                var answer = client.send(
                        request("/echo")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(413);
                assertThat(answer.body()).contains("limit is 3145728");
            } catch (java.io.IOException e) {
                assertThat(e).isInstanceOf(java.io.IOException.class); // closed while the client was still sending
            }
        }
        try (HttpClient client = client(version, null)) {
            byte[] body = new byte[HttpServerConfig.MAX_BODY_BYTES];
            assertThat(client.send(
                                    request("/echo")
                                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                            .build(),
                                    BodyHandlers.ofString())
                            .body())
                    .isEqualTo("POST  3145728");
        }
    }

    @Test
    void compressesLargeBodiesForThoseWhoTakeIt() throws Exception {
        try (HttpClient client = client(Version.HTTP_2, null)) {
            HttpResponse<byte[]> answer = client.send(
                    request("/big").header("Accept-Encoding", "gzip").build(), BodyHandlers.ofByteArray());
            assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
            assertThat(answer.body().length).isLessThan(10_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamsAtOnceAndNoticesThatThePeerLeft(Version version) throws Exception {
        try (HttpClient client = client(version, null)) {
            var answer = client.send(request("/watch").build(), BodyHandlers.ofInputStream());
            try (var lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
                assertThat(lines.readLine()).isEqualTo("first");
                assertThat(stream.get().write("second\n".getBytes(StandardCharsets.UTF_8)))
                        .isTrue();
                assertThat(lines.readLine()).isEqualTo("second");
            }
            streamEnded.get(3, TimeUnit.MINUTES);
            assertThat(stream.get().write(new byte[1])).isFalse();
        }
    }

    @Test
    void givesUpOnAPeerThatDoesNotRead() throws Exception {
        try (SSLSocket socket =
                (SSLSocket) pki.clientContext(null).getSocketFactory().createSocket("127.0.0.1", server.port())) {
            socket.getOutputStream()
                    .write("GET /watch HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (stream.get() == null) {
                LockSupport.parkNanos(1_000_000);
            }
            byte[] chunk = new byte[64 * 1024];
            int written = 0;
            while (stream.get().write(chunk)) {
                written += chunk.length;
                assertThat(written)
                        .as("bytes queued for a peer that reads nothing")
                        .isLessThan(64 * 1024 * 1024);
            }
            streamEnded.get(3, TimeUnit.MINUTES);
        }
    }

    @Test
    void speaksWebSocketWithOneMessagePerWrite() throws Exception {
        BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        try (HttpClient client = client(Version.HTTP_1_1, null)) {
            WebSocket socket = client.newWebSocketBuilder()
                    .buildAsync(URI.create("wss://localhost:" + server.port() + "/watch"), new WebSocket.Listener() {
                        @Override
                        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
                            messages.add(data.toString());
                            from.request(1);
                            return null;
                        }
                    })
                    .get(3, TimeUnit.MINUTES);
            assertThat(messages.poll(3, TimeUnit.MINUTES)).isEqualTo("first");
            stream.get().write("second\n".getBytes(StandardCharsets.UTF_8));
            assertThat(messages.poll(3, TimeUnit.MINUTES)).isEqualTo("second");
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(3, TimeUnit.MINUTES);
            streamEnded.get(3, TimeUnit.MINUTES);
        }
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void survivesMalformedRequests(String text) throws Exception {
        try (SSLSocket socket =
                (SSLSocket) pki.clientContext(null).getSocketFactory().createSocket("127.0.0.1", server.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).startsWith("HTTP/1.1 400");
        }
        try (HttpClient client = client(Version.HTTP_2, null)) {
            assertThat(client.send(request("/echo").build(), BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    static Stream<String> garbage() {
        return Stream.of(
                "\0\1\2\3\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/1.1\r\nbad header\u0001: \0\r\n\r\n",
                "GET / HTTP/1.1\r\nX: " + "y".repeat(100_000) + "\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("failing")
    void answers500WhereTheHandlerFails(String path) throws Exception {
        try (HttpClient client = client(Version.HTTP_2, null)) {
            var answer = client.send(request(path).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains("InternalError").doesNotContain("on purpose");
        }
    }

    static Stream<String> failing() {
        return Stream.of("/boom", "/silent");
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        var config = HttpServerConfig.loopback(pki.serverTls()).at("127.0.0.1", server.port());
        assertThatThrownBy(() -> HttpServer.start(config, loops, this::handle))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("127.0.0.1:" + server.port());
    }

    @Test
    void takesNewCertificatesWithoutARestart() throws Exception {
        server.updateTls(stranger.serverTls());
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(stranger.clientContext(stranger.client("CN=bob")))
                .build()) {
            assertThat(client.send(request("/who").build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("CN=bob");
        }
    }

    private HttpClient client(Version version, TestPki.@Nullable Identity identity) throws Exception {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(pki.clientContext(identity))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + server.port() + path))
                .timeout(Duration.ofSeconds(20));
    }
}
