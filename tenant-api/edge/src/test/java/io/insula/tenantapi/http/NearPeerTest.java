package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The way that is no network: somebody tries to get more by it than over TLS.
@Timeout(300)
final class NearPeerTest {

    private static TestPki pki;
    private static TestPki stranger;

    private final Edge edge = new Edge(config -> config.with(new HttpLimits(
            64,
            HttpLimits.usual().bodiesBytes(),
            64,
            HttpLimits.usual().connectionBytes(),
            HttpLimits.usual().waitingBytes(),
            100,
            100,
            100)));

    @BeforeAll
    static void prepare() throws Exception {
        pki = new TestPki("CN=tenant");
        stranger = new TestPki("CN=stranger");
    }

    static Stream<TestCredential> credentials() throws Exception {
        return TestCredential.all(pki, stranger);
    }

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void isAnsweredByTheSameHandler() throws Exception {
        edge.handle((request, responder) -> responder.send(
                201,
                Map.of("X-Seen", List.of(request.remoteAddress())),
                Edge.bytes(request.method() + " " + request.path() + "?" + request.query() + " "
                        + request.header("Audit-ID").orElse("") + " "
                        + new String(request.body(), StandardCharsets.UTF_8))));

        NearPeer.Reply reply = answered(edge.server()
                .near(List.of())
                .send(new HttpRequest(
                        "PUT",
                        "/a%20b",
                        "x=%2F",
                        Map.of("audit-id", List.of("7")),
                        Edge.bytes("grün"),
                        "6.6.6.6",
                        List.of(),
                        false)));

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.headers()).containsEntry("X-Seen", List.of("127.0.0.1"));
        assertThat(all(reply.body())).isEqualTo("PUT /a%20b?x=%2F 7 grün");
        assertIdle();
    }

    /// What a caller says of itself in the request is nothing; what it shows is tried as in a handshake.
    @ParameterizedTest
    @MethodSource("credentials")
    void showsOnlyCertificatesThatCount(TestCredential credential) throws Exception {
        edge.handle(NearPeerTest::who);
        edge.server().updateTls(pki.serverTls());
        TestPki.Identity identity = credential.identity();
        List<X509Certificate> shown = identity == null ? List.of() : List.of(identity.certificate());
        List<X509Certificate> root = List.of(pki.client("CN=root").certificate());
        var claimed = new HttpRequest("GET", "/who", "", Map.of(), new byte[0], "", root, false);

        assertThat(all(answered(edge.server().near(shown).send(claimed)).body()))
                .isEqualTo(credential.want());
    }

    @Test
    void isNobodyOnceItsAuthorityIsTakenNoMore() throws Exception {
        edge.handle(NearPeerTest::who);
        NearPeer alice =
                edge.server().near(List.of(edge.pki().client("CN=alice").certificate()));
        assertThat(all(answered(alice.send(get("/"))).body())).isEqualTo("CN=alice");

        edge.server().updateTls(new TestPki("CN=another").serverTls());

        assertThat(all(answered(alice.send(get("/"))).body())).isEqualTo("nobody");
    }

    @Test
    void mayNotSendMoreThanOthers() throws Exception {
        var request = new HttpRequest("POST", "/", "", Map.of(), new byte[65], "", List.of(), false);

        NearPeer.Reply reply = answered(edge.server().near(List.of()).send(request));

        assertThat(reply.status()).isEqualTo(413);
        assertThat(all(reply.body())).contains("RequestEntityTooLarge");
        assertThat(edge.refusals()).singleElement().satisfies(refusal -> {
            assertThat(refusal.status()).isEqualTo(413);
            assertThat(refusal.request().body()).isEmpty();
        });
        assertIdle();
    }

    @Test
    void readsAStreamAsItIsWrittenAndHearsOfItsEnd() throws Exception {
        var streams = new CompletableFuture<HttpResponder.BodyStream>();
        edge.handle((_, responder) -> streams.complete(responder.stream(200, Map.of())));
        NearBody body =
                answered(edge.server().near(List.of()).send(get("/watch"))).body();
        HttpResponder.BodyStream stream = streams.get();

        var first = new Chunks();
        body.next(first);
        stream.write(Edge.bytes("one"));
        assertThat(first.read()).isEqualTo("one");

        stream.write(Edge.bytes("two"));
        stream.write(Edge.bytes("three"));
        stream.close();
        assertThat(all(body)).isEqualTo("twothree");
        assertIdle();
    }

    @Test
    void isGivenUpWhereItDoesNotRead() throws Exception {
        var streams = new CompletableFuture<HttpResponder.BodyStream>();
        edge.handle((_, responder) -> streams.complete(responder.stream(200, Map.of())));
        NearBody body =
                answered(edge.server().near(List.of()).send(get("/watch"))).body();
        HttpResponder.BodyStream stream = streams.get();

        assertThat(stream.write(new byte[64])).isTrue();
        assertThat(stream.write(new byte[1])).as("more than may wait").isFalse();

        assertThatThrownBy(() -> all(body)).hasMessageContaining("cut");
        assertIdle();
    }

    @Test
    void tellsTheWriterThatItHasLeft() throws Exception {
        var closed = new CountDownLatch(1);
        var streams = new CompletableFuture<HttpResponder.BodyStream>();
        edge.handle((_, responder) -> {
            HttpResponder.BodyStream stream = responder.stream(200, Map.of());
            stream.onClose(closed::countDown);
            streams.complete(stream);
        });
        NearBody body =
                answered(edge.server().near(List.of()).send(get("/watch"))).body();
        streams.get().write(Edge.bytes("unread"));

        body.cancel();

        Edge.await(closed);
        assertThat(streams.get().write(Edge.bytes("more"))).isFalse();
        assertIdle();
    }

    @Test
    void endsCleanlyWithTheServerAndFindsItGone() throws Exception {
        edge.handle((_, responder) -> responder.stream(200, Map.of()).write(Edge.bytes("event")));
        NearPeer peer = edge.server().near(List.of());
        NearBody body = answered(peer.send(get("/watch"))).body();

        Thread closing = Thread.ofVirtual().start(edge.server()::close);

        assertThat(all(body)).isEqualTo("event");
        closing.join();
        assertThatThrownBy(() -> answered(peer.send(get("/"))))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(IOException.class);
    }

    @Test
    void isAnsweredWhereTheHandlerFails() throws Exception {
        edge.handle((_, _) -> {
            throw new IllegalStateException("a fault of a handler, for a test");
        });

        assertThat(answered(edge.server().near(List.of()).send(get("/"))).status())
                .isEqualTo(500);
        assertIdle();
    }

    private static void who(HttpRequest request, HttpResponder responder) {
        List<X509Certificate> chain = request.clientCertificates();
        Edge.text(
                responder,
                chain.isEmpty()
                        ? "nobody"
                        : chain.getFirst().getSubjectX500Principal().getName());
    }

    private static HttpRequest get(String path) {
        return new HttpRequest("GET", path, "", Map.of(), new byte[0], "", List.of(), false);
    }

    private static NearPeer.Reply answered(CompletableFuture<NearPeer.Reply> coming) throws Exception {
        return coming.get(2, TimeUnit.MINUTES);
    }

    private static String all(NearBody body) throws Exception {
        var text = new StringBuilder();
        while (true) {
            var chunks = new Chunks();
            body.next(chunks);
            String read = chunks.read();
            if (read.isEmpty()) {
                return text.toString();
            }
            text.append(read);
        }
    }

    private void assertIdle() throws InterruptedException {
        long deadline = System.nanoTime() + Edge.DEADLINE.toNanos();
        while (!edge.server().isIdle()) {
            assertThat(System.nanoTime()).as("something is held").isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /// One turn of reading; empty at the end.
    private static final class Chunks implements NearBody.Reader {
        private final CompletableFuture<String> text = new CompletableFuture<>();

        String read() throws Exception {
            return text.get(2, TimeUnit.MINUTES);
        }

        @Override
        public void read(List<byte[]> chunks) {
            var all = new ArrayList<String>();
            chunks.forEach(chunk -> all.add(new String(chunk, StandardCharsets.UTF_8)));
            text.complete(String.join("", all));
        }

        @Override
        public void ended(boolean whole) {
            if (whole) {
                text.complete("");
            } else {
                text.completeExceptionally(new IOException("cut"));
            }
        }
    }
}
