package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Bytes that are nearly requests, at random: whatever comes, the server answers in HTTP or hangs up, holds nothing
/// back, and goes on serving. A failure names its seed.
@Timeout(180)
@SuppressWarnings("StringConcatToTextBlock") // the line ends are what is sent
class HttpFuzzTest {

    private static final int CASES = 300;
    private static final int AT_ONCE = 12;
    private static final Pattern ANSWERS =
            Pattern.compile("HTTP/1\\.1 (100|200|400|413|414|417|429|431|501) [^\r]*\r\n.*", Pattern.DOTALL);

    private static final List<String> REQUESTS = List.of(
            "GET /api/v1/pods?watch=1&x=%20 HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
            "POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
            "PUT /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
            "HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\nGET /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
            "GET https://a/b HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");

    private static final List<String> TOKENS = List.of(
            "\r\n",
            "\n",
            "\r",
            " ",
            "\t",
            ":",
            "\0",
            "\r\n\r\n",
            "Content-Length: 7\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Connection: close\r\n",
            "0\r\n\r\n",
            "ffffffff\r\n",
            "-1",
            "HTTP/1.1",
            "HTTP/9.9",
            "\u00ff",
            "%00",
            "/../");

    /// The preface, then SETTINGS, HEADERS of a GET, DATA, PING, WINDOW_UPDATE, RST_STREAM.
    private static final String H2 =
            HexFormat.of().formatHex("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII))
                    + "000000040000000000"
                    + "00000b010400000001" + "828684418361" + "00000000" + "00"
                    + "000005000100000001" + "68656c6c6f"
                    + "000008060000000000" + "0102030405060708"
                    + "000004080000000000" + "00001000"
                    + "000004030000000001" + "00000008";

    private final long seed = Long.getLong("insula.fuzz.seed", System.nanoTime());
    private final Edge edge = new Edge(config -> {
        var brief = Duration.ofMillis(400);
        return config.with(new HttpTimeouts(Duration.ofSeconds(20), brief, brief, Duration.ofSeconds(20), brief));
    });

    @BeforeEach
    void tellTheSeed() {
        System.out.println("HttpFuzzTest seed " + seed);
    }

    @AfterEach
    void stop() {
        edge.close();
    }

    private void serve() {
        edge.handle((request, responder) -> {
            if (request.path().startsWith("/stream") || request.webSocket()) {
                var stream = responder.stream(200, java.util.Map.of());
                stream.write(Edge.bytes("event\n"));
                stream.close();
            } else {
                Edge.echo(request, responder);
            }
        });
    }

    @Test
    void survivesWhatIsNearlyHttp1() throws Exception {
        serve();
        run(random -> {
            byte[] text = mutated(random);
            String answer = new String(exchange(text, "http/1.1"), StandardCharsets.ISO_8859_1);
            if (!answer.isEmpty() && !answer.startsWith("HTTP/1.1 101 ")) {
                assertThat(answer).matches(ANSWERS);
            }
        });
    }

    @Test
    void survivesWhatIsNearlyH2() throws Exception {
        serve();
        run(random -> {
            byte[] frames = HexFormat.of().parseHex(H2);
            int from = random.nextInt(10) == 0 ? 0 : 24;
            for (int i = 1 + random.nextInt(6); i > 0; i--) {
                frames[from + random.nextInt(frames.length - from)] = (byte) random.nextInt(256);
            }
            exchange(frames, "h2");
        });
    }

    private interface Attempt {
        void with(Random random) throws IOException;
    }

    private void run(Attempt attempt) throws Exception {
        var threads = Thread.ofVirtual().name("fuzz-", 0).factory();
        try (var executor = Executors.newFixedThreadPool(AT_ONCE, threads)) {
            var cases = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < CASES; i++) {
                long own = seed + i;
                cases.add(() -> {
                    try {
                        attempt.with(new Random(own));
                    } catch (AssertionError | RuntimeException e) {
                        throw new AssertionError("seed " + own, e);
                    }
                    return true;
                });
            }
            for (Future<Boolean> done : executor.invokeAll(cases)) {
                assertThat(done.get(1, TimeUnit.SECONDS)).isTrue();
            }
        }
        Edge.await("nothing runs, nothing is held (seed " + seed + ")", edge.server()::isIdle);
        edge.handle(Edge::echo);
        for (Version version : Version.values()) {
            try (var client = edge.client(version)) {
                assertThat(client.send(edge.request("/after").build(), BodyHandlers.ofString())
                                .body())
                        .isEqualTo("GET /after 0;");
            }
        }
    }

    private static byte[] mutated(Random random) {
        var text = new StringBuilder(REQUESTS.get(random.nextInt(REQUESTS.size())));
        if (random.nextBoolean()) {
            text.append(REQUESTS.get(random.nextInt(REQUESTS.size())));
        }
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.insert(at, TOKENS.get(random.nextInt(TOKENS.size())));
                case 1 -> text.setCharAt(at, (char) random.nextInt(256));
                case 2 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
                default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(40))));
            }
            if (text.isEmpty()) {
                text.append('x');
            }
        }
        return text.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /// What comes back until the server hangs up.
    private byte[] exchange(byte[] bytes, String protocol) {
        var answer = new ByteArrayOutputStream();
        try (var socket = (SSLSocket) edge.pki()
                .clientContext(null)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), edge.server().port())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {protocol});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout((int) Edge.DEADLINE.toMillis());
            socket.getOutputStream().write(bytes);
            socket.getInputStream().transferTo(answer);
        } catch (java.net.SocketTimeoutException e) {
            throw new UncheckedIOException("the server neither answered nor hung up", e);
        } catch (IOException e) {
            // it hung up while we were speaking
            return answer.toByteArray();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return answer.toByteArray();
    }
}
