package io.insula.tenantapi.egress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.insula.rules.network.AddressBlock;
import io.insula.rules.network.IpAddress;
import io.insula.tenantapi.http.TestPki;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests over TLS to servers on loopback, which the policy opens; and whoever leads them elsewhere.
final class EgressTest {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static TestPki pki;
    private static HttpsServer server;
    private static ExecutorService threads;
    private static final List<String> SEEN = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        pki = new TestPki("CN=others");
        threads = Executors.newVirtualThreadPerTaskExecutor();
        server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(pki.clientContext(pki.server("hooks.example.com"))));
        server.setExecutor(threads);
        server.createContext(
                "/echo",
                exchange -> answer(exchange, 200, exchange.getRequestBody().readAllBytes()));
        server.createContext("/away", exchange -> {
            exchange.getResponseHeaders().add("Location", "https://127.0.0.1:" + port() + "/echo");
            answer(exchange, 302, new byte[0]);
        });
        server.createContext("/pieces", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < 1000; i++) {
                    out.write(("piece " + i + "\n").repeat(10).getBytes(US_ASCII));
                    out.flush();
                }
            }
        });
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void goesToTheAddressAndNamesTheHostInTlsAndHeader() throws Exception {
        try (var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            String text = post(egress, "https://hooks.example.com:" + port() + "/echo?a=b%20c", "hello");

            assertThat(text).isEqualTo("200 hello");
            assertThat(SEEN).anyMatch(seen -> seen.equals("hooks.example.com:" + port() + " /echo?a=b%20c"));
        }
    }

    @Test
    void believesNobodyOfAnotherNameOrAuthority() throws Exception {
        try (var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            assertThatThrownBy(() -> post(egress, "https://other.example.com:" + port() + "/echo", ""))
                    .isInstanceOf(EgressException.class)
                    .hasMessageContaining("tls: failed to verify certificate: x509: certificate is not valid for");
            var request = get("https://hooks.example.com:" + port() + "/echo");
            var stranger = Trust.in(pem(new TestPki("CN=stranger").certificate()));
            assertThatThrownBy(() -> egress.send(request, Destination.OF_URL, stranger, PATIENCE))
                    .hasMessageContaining("certificate signed by unknown authority");
        }
    }

    @Test
    void looksANameUpOnceAndStaysWithWhatItLedTo() throws Exception {
        var answers = new ArrayDeque<>(List.of("127.0.0.1", "127.0.0.2"));
        var asked = new AtomicInteger();
        try (var victim = new Raw("127.0.0.2", port(), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                var egress = egress(changing(answers, asked), "127.0.0.1/32")) {
            assertThat(post(egress, "https://hooks.example.com:" + port() + "/echo", "one"))
                    .isEqualTo("200 one");
            assertThat(asked).hasValue(1);
            // a connection to where it led before is still open, and is of no use now
            assertThatThrownBy(() -> post(egress, "https://hooks.example.com:" + port() + "/echo", "two"))
                    .isInstanceOf(EgressException.class)
                    .hasMessageContaining("hooks.example.com (127.0.0.2) " + Forbidden.REFUSAL);
            assertThat(victim.connections).hasValue(0);
        }
    }

    private static Names changing(Deque<String> answers, AtomicInteger asked) {
        return _ -> {
            asked.incrementAndGet();
            return List.of(ip(answers.removeFirst()));
        };
    }

    @Test
    void refusesANameThatLeadsToTheMachineAmongOthers() {
        try (var egress =
                new Egress(EgressPolicy.CLOSED, List.of(), _ -> List.of(ip("93.184.216.34"), ip("127.0.0.1")))) {
            assertThatThrownBy(() -> post(egress, "https://hooks.example.com:" + port() + "/echo", ""))
                    .hasMessageContaining("hooks.example.com (127.0.0.1) " + Forbidden.REFUSAL);
        }
    }

    @ParameterizedTest
    @MethodSource("io.insula.tenantapi.egress.Forbidden#hosts")
    void reachesNothingForbiddenByAnySpelling(String host) {
        try (var egress = new Egress(EgressPolicy.CLOSED, List.of())) {
            URI url = URI.create("https://" + host + ":" + port() + "/echo");
            assertThatThrownBy(() -> egress.send(get(url.toString()), Destination.OF_URL, Trust.anybody(), PATIENCE))
                    .isInstanceOf(EgressException.class)
                    .hasMessageContaining(Forbidden.REFUSAL);
        }
    }

    @ParameterizedTest
    @MethodSource("io.insula.tenantapi.egress.Forbidden#addresses")
    void reachesNothingForbiddenThroughAService(String address) {
        try (var egress = new Egress(EgressPolicy.CLOSED, List.of())) {
            for (boolean running : new boolean[] {false, true}) {
                if (running && EgressPolicy.CLOSED.refusal(ip(address), true).isEmpty()) {
                    continue;
                }
                var to = new Destination.At(ip(address), port(), running);
                assertThatThrownBy(
                                () -> egress.send(get("https://hooks.default.svc/echo"), to, Trust.anybody(), PATIENCE))
                        .isInstanceOf(EgressException.class)
                        .hasMessageContaining(Forbidden.REFUSAL);
            }
        }
    }

    @Test
    void followsNoRedirect() throws Exception {
        try (var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            assertThat(post(egress, "https://hooks.example.com:" + port() + "/away", ""))
                    .isEqualTo("302 ");
        }
    }

    @Test
    void speaksNothingButTls() {
        try (var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            assertThatThrownBy(() -> post(egress, "http://hooks.example.com:" + port() + "/echo", ""))
                    .hasMessageContaining("only https is spoken");
        }
    }

    @Test
    void readsLongAnswersInPieces() throws Exception {
        try (var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            String want = java.util.stream.IntStream.range(0, 1000)
                    .mapToObj(i -> ("piece " + i + "\n").repeat(10))
                    .collect(java.util.stream.Collectors.joining());
            for (int round = 0; round < 3; round++) {
                assertThat(post(egress, "https://hooks.example.com:" + port() + "/pieces", ""))
                        .isEqualTo("200 " + want);
            }
            assertThatThrownBy(() -> egress.call(
                            get("https://hooks.example.com:" + port() + "/pieces"),
                            Destination.OF_URL,
                            trust(),
                            PATIENCE,
                            answer -> answer.whole(100)))
                    .isInstanceOf(EgressException.class)
                    .hasMessageContaining("longer than 100 bytes");
        }
    }

    @Test
    void usesAConnectionAgainAndMakesANewOneWhereItHasEnded() throws Exception {
        String ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        try (var raw = new Raw("127.0.0.1", 0, ok);
                var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            for (int i = 0; i < 3; i++) {
                assertThat(fetch(egress, raw.url())).isEqualTo("200 ok");
            }
            assertThat(raw.connections).hasValue(1);
            raw.endAll();
            assertThat(fetch(egress, raw.url())).isEqualTo("200 ok");
            assertThat(raw.connections).hasValue(2);
        }
    }

    @Test
    void takesNoPartForTheWhole() throws Exception {
        try (var raw = new Raw("127.0.0.1", 0, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok", true);
                var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            assertThatThrownBy(() -> fetch(egress, raw.url())).isInstanceOf(EgressException.class);
        }
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.ValueSource(
            strings = {
                "SSH-2.0-OpenSSH\r\n\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                ""
            })
    void saysWhatIsNoAnswer(String said) throws Exception {
        try (var raw = new Raw("127.0.0.1", 0, said, true);
                var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            assertThatThrownBy(() -> fetch(egress, raw.url())).isInstanceOf(EgressException.class);
        }
    }

    @Test
    void waitsForNobodyWhoSendsAByteNowAndThen() throws Exception {
        try (var raw = new Raw("127.0.0.1", 0, "HTTP/1.1 200 OK\r\nX: ");
                var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            raw.trickle = true;
            var request = get(raw.url());
            assertThatThrownBy(() -> egress.send(request, Destination.OF_URL, trust(), Duration.ofMillis(700)))
                    .isInstanceOf(EgressException.class)
                    .hasMessage("context deadline exceeded");
        }
    }

    @Test
    void saysThatNobodyListens() throws Exception {
        int free;
        try (var socket = new java.net.ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            free = socket.getLocalPort();
        }
        try (var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            assertThatThrownBy(() -> fetch(egress, "https://hooks.example.com:" + free + "/"))
                    .hasMessage("dial tcp 127.0.0.1:" + free + ": connect: connection refused");
        }
    }

    @Test
    void waitsForNoNameServer() {
        var forever = new CountDownLatch(1);
        Names silent = name -> {
            try {
                forever.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new java.net.UnknownHostException(name);
        };
        try (var egress = egress(silent)) {
            var request = get("https://hooks.example.com/");
            assertThatThrownBy(() -> egress.send(request, Destination.OF_URL, trust(), Duration.ofMillis(300)))
                    .hasMessageContaining("lookup hooks.example.com: i/o timeout");
        }
    }

    @Test
    void sendsNoHeaderWithinAHeader() {
        try (var egress = egress(_ -> List.of(ip("127.0.0.1")))) {
            var request = OutgoingRequest.get(
                    URI.create("https://hooks.example.com:" + port() + "/echo"), Map.of("X-A", "b\r\nX-C: d"));
            assertThatThrownBy(() -> egress.send(request, Destination.OF_URL, trust(), PATIENCE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Egress egress(Names names, String... opened) {
        List<AddressBlock> blocks = Arrays.stream(opened.length == 0 ? new String[] {"127.0.0.0/8"} : opened)
                .map(AddressBlock::of)
                .toList();
        return new Egress(EgressPolicy.CLOSED.opening(blocks), List.of(), names);
    }

    private static OutgoingRequest get(String url) {
        return OutgoingRequest.get(URI.create(url), Map.of());
    }

    private static String fetch(Egress egress, String url) throws Exception {
        return text(egress, get(url));
    }

    private static String post(Egress egress, String url, String body) throws Exception {
        return text(egress, OutgoingRequest.of("POST", URI.create(url), Map.of(), body.getBytes(US_ASCII)));
    }

    private static String text(Egress egress, OutgoingRequest request) throws Exception {
        return egress.call(
                request,
                Destination.OF_URL,
                trust(),
                PATIENCE,
                answer -> answer.status() + " " + new String(answer.whole(1 << 20), US_ASCII));
    }

    private static Trust trust() {
        return Trust.in(pem(pki.certificate()));
    }

    private static byte[] pem(X509Certificate certificate) {
        try {
            return ("-----BEGIN CERTIFICATE-----\n"
                            + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                            + "\n-----END CERTIFICATE-----\n")
                    .getBytes(US_ASCII);
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new AssertionError(e);
        }
    }

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    private static int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        SEEN.add(exchange.getRequestHeaders().getFirst("Host") + " " + exchange.getRequestURI());
        try (exchange) {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /// Says the same to each request, whatever it is.
    private static final class Raw implements AutoCloseable {
        private final java.net.ServerSocket listening;
        private final String said;
        private final boolean once;
        private final List<Socket> open = new CopyOnWriteArrayList<>();
        private final AtomicInteger connections = new AtomicInteger();
        private final CountDownLatch closed = new CountDownLatch(1);
        private volatile boolean trickle;

        Raw(String address, int port, String said) throws Exception {
            this(address, port, said, false);
        }

        Raw(String address, int port, String said, boolean once) throws Exception {
            this.said = said;
            this.once = once;
            listening = pki.clientContext(pki.server("hooks.example.com"))
                    .getServerSocketFactory()
                    .createServerSocket(port, 50, InetAddress.ofLiteral(address));
            threads.execute(this::accept);
        }

        String url() {
            return "https://hooks.example.com:" + listening.getLocalPort() + "/";
        }

        private void accept() {
            while (!listening.isClosed()) {
                try {
                    Socket socket = listening.accept();
                    connections.incrementAndGet();
                    open.add(socket);
                    threads.execute(() -> serve(socket));
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void serve(Socket socket) {
            try (socket) {
                var in = new java.io.BufferedReader(new java.io.InputStreamReader(socket.getInputStream(), US_ASCII));
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    if (line.isEmpty()) {
                        socket.getOutputStream().write(said.getBytes(US_ASCII));
                        socket.getOutputStream().flush();
                        if (once) {
                            return;
                        }
                    }
                    while (line.isEmpty() && trickle && !closed.await(50, TimeUnit.MILLISECONDS)) {
                        socket.getOutputStream().write('x');
                        socket.getOutputStream().flush();
                    }
                }
            } catch (IOException | InterruptedException e) {
                // the other side is gone, or the test is over
            }
        }

        void endAll() throws IOException {
            for (Socket socket : open) {
                socket.close();
            }
        }

        @Override
        public void close() throws IOException {
            closed.countDown();
            endAll();
            listening.close();
        }
    }
}
