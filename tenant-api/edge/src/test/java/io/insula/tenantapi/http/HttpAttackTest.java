package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.http.HttpResponder.BodyStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What clients of HTTP/1.x do that mean harm or know no better.
@Timeout(300)
@SuppressWarnings("StringConcatToTextBlock") // the line ends are what is sent
class HttpAttackTest {

    private static final String HEAD = "POST /a HTTP/1.1\r\nHost: a\r\n";
    private static final String HIDDEN = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

    private Edge edge = new Edge();

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void answersPipelinedRequestsOneByOneAndInOrder() {
        var running = new AtomicInteger();
        var overlaps = new AtomicInteger();
        var second = new CountDownLatch(1);
        edge.handle((request, responder) -> {
            if (running.incrementAndGet() > 1) {
                overlaps.incrementAndGet();
                second.countDown();
            }
            if (request.path().equals("/slow")) {
                waitBriefly(second);
            }
            running.decrementAndGet();
            Edge.echo(request, responder);
        });

        String answer = edge.raw("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
                + "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                + "GET https://a/3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assertThat(overlaps).hasValue(0);
        assertThat(answer).containsSubsequence("GET /slow 0;", "POST /2 3;", "GET /3 0;");
        assertThat(answer.split("HTTP/1.1 200 OK", -1)).hasSize(4);
        assertThat(answer.substring(answer.lastIndexOf("HTTP/1.1"))).contains("connection: close");
        assertThat(answer.substring(0, answer.lastIndexOf("HTTP/1.1"))).doesNotContain("connection: close");
    }

    @Test
    void answersHundredsOfPipelinedRequestsInOrder() {
        var text = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            text.append("GET /").append(i).append(" HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        text.append("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        List<String> paths = edge.raw(text.toString())
                .lines()
                .filter(line -> line.startsWith("GET "))
                .flatMap(line -> Stream.of(line.replaceAll("HTTP/1.1.*", "").split(" ", -1)[1]))
                .toList();

        assertThat(paths).hasSize(501);
        assertThat(paths.subList(0, 500))
                .isEqualTo(Stream.iterate(0, i -> i + 1)
                        .limit(500)
                        .map(i -> "/" + i)
                        .toList());
    }

    @Test
    void keepsRequestsPipelinedBehindAStreamOutOfIt() {
        var running = new AtomicReference<BodyStream>();
        edge.handle((request, responder) -> {
            if (request.path().equals("/watch")) {
                running.set(responder.stream(200, Map.of()));
                Thread.ofVirtual().start(() -> {
                    waitBriefly(new CountDownLatch(1));
                    running.get().write(Edge.bytes("event"));
                    running.get().close();
                });
                return;
            }
            Edge.echo(request, responder);
        });

        String answer = edge.raw("GET /watch HTTP/1.1\r\nHost: a\r\n\r\n"
                + "GET /other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        assertThat(answer).containsSubsequence("5\r\nevent\r\n0\r\n\r\n", "HTTP/1.1 200 OK", "GET /other 0;");
    }

    record Smuggling(String name, String text, String status) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Smuggling> smuggling() {
        String chunks = "0\r\n\r\n" + HIDDEN;
        return Stream.of(
                new Smuggling(
                        "length and chunks",
                        HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
                        "400"),
                new Smuggling(
                        "chunks and length",
                        HEAD + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + chunks,
                        "400"),
                new Smuggling("two lengths", HEAD + "Content-Length: 0\r\nContent-Length: 33\r\n\r\n" + HIDDEN, "400"),
                new Smuggling("two lengths in one", HEAD + "Content-Length: 0, 33\r\n\r\n" + HIDDEN, "400"),
                new Smuggling("a signed length", HEAD + "Content-Length: +0\r\n\r\n" + HIDDEN, "400"),
                new Smuggling("a negative length", HEAD + "Content-Length: -1\r\n\r\n" + HIDDEN, "400"),
                new Smuggling("a folded length", HEAD + "Content-Length: 3\r\n 3\r\n\r\n" + HIDDEN, "400"),
                new Smuggling(
                        "a coding before chunked", HEAD + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks, "501"),
                new Smuggling(
                        "chunked before a coding", HEAD + "Transfer-Encoding: chunked, gzip\r\n\r\n" + chunks, "400"),
                new Smuggling("an unknown coding", HEAD + "Transfer-Encoding: xchunked\r\n\r\n" + chunks, "501"),
                new Smuggling(
                        "chunked twice",
                        HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
                        "501"),
                new Smuggling(
                        "chunks over HTTP/1.0",
                        "POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
                        "400"),
                new Smuggling("a space before the colon", HEAD + "Content-Length : 33\r\n\r\n" + HIDDEN, "400"),
                new Smuggling("a header line without name", HEAD + ": x\r\n\r\n", "400"),
                new Smuggling("bare line feeds", "GET /a HTTP/1.1\nHost: a\n\n" + HIDDEN, "400"),
                new Smuggling("a bare line feed in the head", "GET /a HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", "400"),
                new Smuggling("a bare carriage return", "GET /a HTTP/1.1\r\nHost: a\r\nX: a\rY: b\r\n\r\n", "400"),
                new Smuggling(
                        "a bare line feed after a chunk",
                        HEAD + "Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n",
                        "400"),
                new Smuggling("a chunk of no size", HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
                new Smuggling(
                        "a chunk longer than said",
                        HEAD + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
                        "400"),
                new Smuggling("no host", "GET /a HTTP/1.1\r\n\r\n", "400"),
                new Smuggling("two hosts", "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400"),
                new Smuggling("no path", "GET nopath HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
                new Smuggling("a tunnel", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", "400"),
                new Smuggling("no HTTP", "nonsense\r\n\r\n", "400"));
    }

    @ParameterizedTest
    @MethodSource("smuggling")
    void refusesWhatAProxyMightReadOtherwise(Smuggling attack) {
        var reached = new ArrayList<String>();
        edge.handle((request, responder) -> {
            reached.add(request.path());
            Edge.echo(request, responder);
        });

        String answer = edge.raw(attack.text());

        assertThat(answer).startsWith("HTTP/1.1 " + attack.status() + " ").contains("connection: close");
        assertThat(answer.split("HTTP/1.1 ", -1)).as("one answer, then the end").hasSize(2);
        assertThat(reached).isEmpty();
        assertThat(edge.refusals())
                .as("told once, before the answer left")
                .singleElement()
                .satisfies(told -> {
                    assertThat(told.status()).isEqualTo(Integer.parseInt(attack.status()));
                    assertThat(told.request().remoteAddress()).isEqualTo("127.0.0.1");
                    assertThat(told.request().path()).doesNotContain("bad-request", "hidden");
                });
    }

    @Test
    void answersThoughARefusalCannotBeRecorded() {
        edge.handle(new HttpHandler() {
            @Override
            public void handle(HttpRequest request, HttpResponder responder) {
                Edge.echo(request, responder);
            }

            @Override
            public void refused(HttpRefusal refusal) {
                throw new IllegalStateException("the disk is full");
            }
        });

        assertThat(edge.raw("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(edge.raw("GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
    }

    @Test
    void joinsFoldedHeadersByABlank() {
        edge.handle((request, responder) ->
                Edge.text(responder, String.join("|", request.headers().getOrDefault("x", List.of()))));

        assertThat(edge.raw("GET / HTTP/1.1\r\nHost: a\r\nX: one\r\n  two\r\nConnection: close\r\n\r\n"))
                .endsWith("one two");
    }

    @Test
    void refusesHeadsThatAreTooLong() {
        assertThat(edge.raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(300_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431 ");
        assertThat(edge.raw("GET /" + "y".repeat(200_000) + " HTTP/1.1\r\nHost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 414 ");
        assertThat(edge.raw("GET /" + "y".repeat(100_000) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ");
        assertThat(edge.refusals()).extracting(HttpRefusal::status).containsExactly(431, 414);
    }

    @ParameterizedTest
    @EnumSource
    void refusesBodiesThatAreTooLarge(Version version) throws Exception {
        byte[] tooLarge = new byte[HttpServerConfig.MAX_BODY_BYTES + 1];
        try (var client = edge.client(version)) {
            var declared = client.send(
                    edge.request("/large")
                            .PUT(BodyPublishers.ofByteArray(tooLarge))
                            .build(),
                    BodyHandlers.ofString());
            var chunked = client.send(
                    edge.request("/large")
                            .PUT(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(tooLarge)))
                            .build(),
                    BodyHandlers.ofString());
            for (var answer : List.of(declared, chunked)) {
                assertThat(answer.statusCode()).isEqualTo(413);
                assertThat(answer.body()).contains("\"kind\":\"Status\"", "Request entity too large: limit is 3145728");
            }
            assertThat(edge.refusals())
                    .extracting(told -> told.status() + " " + told.request().method() + " "
                            + told.request().path() + " " + told.request().body().length + " " + told.message())
                    .containsOnly("413 PUT /large 0 Request entity too large: limit is 3145728")
                    .hasSize(2);
        }
    }

    @Test
    void refusesMoreBodiesAtOnceThanItHasRoomFor() throws Exception {
        edge.close();
        edge = new Edge(config ->
                config.with(new HttpLimits(3_000_000, 4_000_000, 1_000_000, 1_000_000, 9_000_000, 10, 10, 10)));
        var entered = new CountDownLatch(1);
        var release = new CountDownLatch(1);
        edge.handle((request, responder) -> {
            entered.countDown();
            Edge.await(release);
            Edge.echo(request, responder);
        });
        try (var client = edge.client(Version.HTTP_1_1)) {
            var body = BodyPublishers.ofByteArray(new byte[2_500_000]);
            var first = client.sendAsync(edge.request("/1").PUT(body).build(), BodyHandlers.ofString());
            Edge.await(entered);

            var second = client.send(edge.request("/2").PUT(body).build(), BodyHandlers.ofString());
            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(second.headers().firstValue("Retry-After")).contains("1");
            assertThat(edge.refusals())
                    .extracting(told -> told.status() + " " + told.request().path())
                    .containsExactly("429 /2");
            release.countDown();
            assertThat(first.get(3, TimeUnit.MINUTES).statusCode()).isEqualTo(200);
            Edge.await("room again", () -> status(client, "/3", 2_500_000) == 200);
        }
    }

    private int status(java.net.http.HttpClient client, String path, int bodyBytes) {
        try {
            var request = edge.request(path)
                    .PUT(BodyPublishers.ofByteArray(new byte[bodyBytes]))
                    .build();
            return client.send(request, BodyHandlers.ofString()).statusCode();
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    @Test
    void closesConnectionsThatSayNothingOrTooSlowly() throws Exception {
        edge.close();
        var brief = Duration.ofMillis(300);
        edge = new Edge(config ->
                config.with(new HttpTimeouts(Duration.ofSeconds(2), brief, brief, Duration.ofSeconds(20), brief)));

        assertThat(edge.raw("")).isEmpty();
        assertThat(edge.raw("GET / HTTP/1.1\r\nHo")).isEmpty();
        assertThat(edge.raw("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"))
                .isEmpty();
        assertThat(edge.raw("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHo"))
                .endsWith("GET /1 0;");
        try (var socket =
                new Socket(InetAddress.getLoopbackAddress(), edge.server().port())) {
            socket.setSoTimeout(20_000);
            assertThat(socket.getInputStream().read()).as("end without TLS").isEqualTo(-1);
        }
        assertThat(tricklesUntilClosed()).as("bytes of a head sent one by one").isLessThan(400);
    }

    private int tricklesUntilClosed() throws Exception {
        try (SSLSocket socket = edge.connect()) {
            socket.setSoTimeout(10);
            for (int sent = 0; sent < 2000; sent++) {
                try {
                    socket.getOutputStream().write(sent < 4 ? "GET ".charAt(sent) : 'a');
                    if (socket.getInputStream().read() < 0) {
                        return sent;
                    }
                } catch (java.net.SocketTimeoutException e) {
                    // nothing to read yet
                } catch (IOException e) {
                    return sent;
                }
            }
            return 2000;
        }
    }

    @Test
    void givesUpOnAPeerThatDoesNotTakeItsAnswers() throws Exception {
        edge.close();
        var brief = Duration.ofMillis(500);
        edge = new Edge(config -> config.with(new HttpTimeouts(
                Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5), brief, Duration.ofSeconds(5))));
        var handled = new AtomicInteger();
        edge.handle((_, responder) -> {
            handled.incrementAndGet();
            responder.send(200, Map.of(), new byte[50_000_000]);
        });
        try (SSLSocket socket = edge.connect()) {
            socket.getOutputStream().write(Edge.bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(100)));

            Edge.await("the connection is reset", () -> isGone(socket));
        }
        assertThat(handled).as("answers made for a peer that reads none").hasValue(1);
    }

    /// Writes one byte more: an error shows that the server has closed.
    private static boolean isGone(SSLSocket socket) {
        try {
            socket.getOutputStream().write('\n');
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void holdsABoundedQueueForAReaderThatDoesNotRead() throws Exception {
        var stream = new CompletableFuture<BodyStream>();
        edge.handle((_, responder) -> stream.complete(responder.stream(200, Map.of())));
        try (SSLSocket socket = edge.connect()) {
            socket.getOutputStream().write(Edge.bytes("GET /watch HTTP/1.1\r\nHost: a\r\n\r\n"));
            BodyStream body = stream.get(3, TimeUnit.MINUTES);
            byte[] chunk = new byte[64 * 1024];
            long written = 0;
            while (body.write(chunk)) {
                written += chunk.length;
                assertThat(written).isLessThan(64L * 1024 * 1024);
            }
            var ended = new CompletableFuture<Void>();
            body.onClose(() -> ended.complete(null));
            ended.get(3, TimeUnit.MINUTES);
        }
    }

    @Test
    void waitsForRoomWhereTheWriterMay() throws Exception {
        edge.handle((_, responder) -> {
            BodyStream body = responder.stream(200, Map.of());
            byte[] chunk = new byte[1_000_000];
            try {
                for (int i = 0; i < 60 && body.awaitRoom(Edge.DEADLINE); i++) {
                    body.write(chunk);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            body.close();
        });
        try (var client = edge.client(Version.HTTP_2)) {
            assertThat(client.send(edge.request("/").build(), BodyHandlers.ofByteArray())
                            .body())
                    .hasSize(60_000_000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void blockingEndOfAStreamHoldsNobodyElse(Version version) throws Exception {
        var blocked = new CountDownLatch(1);
        var ending = new CountDownLatch(1);
        edge.handle((request, responder) -> {
            if (request.path().equals("/watch")) {
                var stream = responder.stream(200, Map.of());
                stream.onClose(() -> {
                    ending.countDown();
                    Edge.await(blocked);
                });
                stream.close();
                return;
            }
            Edge.text(responder, "ok");
        });
        try (var client = edge.client(version)) {
            client.send(edge.request("/watch").build(), BodyHandlers.ofString());
            Edge.await(ending);

            assertThat(client.send(edge.request("/").build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("ok");
            blocked.countDown();
        }
    }

    @Test
    void streamsToHttp10WithoutChunks() {
        edge.handle((_, responder) -> {
            var stream = responder.stream(200, Map.of());
            stream.write(Edge.bytes("event"));
            stream.close();
        });

        assertThat(edge.raw("GET /watch HTTP/1.0\r\n\r\n"))
                .endsWith("\r\n\r\nevent")
                .contains("connection: close")
                .doesNotContainIgnoringCase("transfer-encoding");
    }

    @Test
    void keepsConnectionsOfHttp10OnlyWhenAsked() {
        assertThat(edge.raw("GET /1 HTTP/1.0\r\n\r\n")).contains("connection: close");
        assertThat(edge.raw("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"))
                .containsSubsequence("connection: keep-alive", "GET /1 0;", "connection: close", "GET /2 0;");
    }

    @ParameterizedTest
    @EnumSource
    void answersHeadWithoutABody(Version version) throws Exception {
        edge.handle((request, responder) -> {
            if (request.path().equals("/watch")) {
                var stream = responder.stream(200, Map.of());
                assertThat(stream.write(Edge.bytes("event"))).isFalse();
                return;
            }
            Edge.text(responder, "hello");
        });
        try (var client = edge.client(version)) {
            for (String path : List.of("/", "/watch", "/")) {
                var answer = client.send(edge.request(path).HEAD().build(), BodyHandlers.ofString());
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).isEmpty();
            }
            assertThat(client.send(edge.request("/").build(), BodyHandlers.ofString())
                            .headers()
                            .firstValue("Content-Length"))
                    .contains("5");
        }
        String raw = edge.raw("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(raw).contains("content-length: 5").endsWith("\r\n\r\n");
    }

    @ParameterizedTest
    @EnumSource
    void datesEveryAnswer(Version version) throws Exception {
        try (var client = edge.client(version)) {
            for (String path : List.of("/", "/watch")) {
                edge.handle((request, responder) -> {
                    if (request.path().equals("/watch")) {
                        responder.stream(200, Map.of()).close();
                    } else {
                        Edge.echo(request, responder);
                    }
                });
                var answer = client.send(edge.request(path).build(), BodyHandlers.ofString());
                assertThat(answer.headers().firstValue("Date").orElseThrow())
                        .matches("[A-Z][a-z]{2}, \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
            }
        }
        assertThat(edge.raw("nonsense\r\n\r\n")).containsIgnoringCase("\r\ndate: ");
    }

    @Test
    void saysContinueBeforeABodyThatItWillTake() throws Exception {
        try (SSLSocket socket = edge.connect()) {
            var out = socket.getOutputStream();
            out.write(Edge.bytes(HEAD + "Content-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"));
            byte[] first = socket.getInputStream().readNBytes("HTTP/1.1 100 Continue\r\n\r\n".length());
            assertThat(new String(first, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            out.write(Edge.bytes("abc"));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("POST /a 3;");
        }
    }

    private static void waitBriefly(CountDownLatch latch) {
        try {
            boolean _ = latch.await(200, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
