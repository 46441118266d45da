package io.insula.controlplane.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.tenantapi.auth.ServiceAccountTokens;
import io.insula.tenantapi.http.HttpHandler;
import io.insula.tenantapi.http.HttpRefusal;
import io.insula.tenantapi.http.HttpRequest;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.tunnel.Tunnel;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SwitchboardTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    private final Set<X509Certificate> revoked = ConcurrentHashMap.newKeySet();
    private final List<HttpRefusal> unserved = new CopyOnWriteArrayList<>();
    private final AtomicInteger knocks = new AtomicInteger();
    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private ClusterPki pki = unset();

    @BeforeEach
    void makeCertificates() {
        pki = ClusterPki.open(folder, "acme", List.of(), Clock.systemUTC());
    }

    @AfterEach
    void stop() {
        clients.shutdownNow();
    }

    @Test
    void holdsRequestsUntilSomethingServes() throws Exception {
        var board = board(LONG, 10);
        var first = ask(board, person());
        var second = ask(board, person());
        await(() -> board.held() == 2);
        assertThat(knocks).hasValue(2);
        assertThat(first).isNotDone();

        board.serve(answering("awake"));

        assertThat(first.get(2, TimeUnit.MINUTES)).isEqualTo("200 awake");
        assertThat(second.get(2, TimeUnit.MINUTES)).isEqualTo("200 awake");
        assertThat(ask(board, person()).get(2, TimeUnit.MINUTES)).isEqualTo("200 awake");
        assertThat(knocks).hasValue(2);
    }

    @Test
    void saysSoWhereItCannotBeWoken() throws Exception {
        var board = board(Duration.ofMillis(20), 10);
        assertThat(ask(board, person()).get(2, TimeUnit.MINUTES))
                .startsWith("503 ")
                .contains(
                        "Retry-After=1",
                        "\"kind\":\"Status\"",
                        "\"reason\":\"ServiceUnavailable\"",
                        "could not be woken");
        assertThat(board.held()).isZero();
    }

    @Test
    void holdsNoMoreThanSoMany() throws Exception {
        var board = board(LONG, 2);
        var held = List.of(ask(board, person()), ask(board, person()));
        await(() -> board.held() == 2);
        assertThat(ask(board, person()).get(2, TimeUnit.MINUTES)).startsWith("503 ");
        board.close();
        for (var each : held) {
            assertThat(each.get(2, TimeUnit.MINUTES)).startsWith("503 ");
        }
    }

    /// Its last words after it was detached must not wake the tenant that it was detached from.
    @Test
    void isNotWokenByTheSyncer() throws Exception {
        var board = board(LONG, 10);
        assertThat(ask(board, syncer()).get(2, TimeUnit.MINUTES)).startsWith("503 ");
        assertThat(knocks).hasValue(0);
        board.serve(answering("awake"));
        assertThat(ask(board, syncer()).get(2, TimeUnit.MINUTES)).isEqualTo("200 awake");
    }

    @Test
    void isInUseWhileAStreamIsOpenAndOnlyByWhoShowsCredentials() throws Exception {
        var board = board(LONG, 10);
        assertThat(board.unusedFor()).as("nothing runs").isEmpty();
        var open = new ArrayList<Runnable>();
        board.serve((request, responder) -> responder.stream(200, Map.of()));
        assertThat(board.unusedFor()).isPresent();

        board.handle(syncer(), new Streams(open));
        board.handle(request(List.of()), new Streams(open));
        assertThat(open).hasSize(2);
        assertThat(board.unusedFor())
                .as("neither the syncer nor a stranger uses it")
                .isPresent();

        board.handle(person(), new Streams(open));
        assertThat(board.unusedFor()).as("a watch is open").isEmpty();
        open.getLast().run();
        assertThat(board.unusedFor()).isPresent();
    }

    @Test
    void waitsForWhatIsUnderWayAndHoldsWhatComesThen() throws Exception {
        var board = board(LONG, 10);
        var go = new CompletableFuture<Void>();
        var begun = new CompletableFuture<Void>();
        board.serve((request, responder) -> {
            begun.complete(null);
            go.join();
            responder.send(200, Map.of(), "old".getBytes(StandardCharsets.UTF_8));
        });
        var under = ask(board, person());
        begun.get(2, TimeUnit.MINUTES);
        var holding = CompletableFuture.runAsync(() -> board.hold(() -> {}, LONG), clients);
        await(() -> board.unusedFor().isEmpty());
        var later = ask(board, person());
        await(() -> board.held() == 1);
        assertThat(holding).isNotDone();

        go.complete(null);

        holding.get(2, TimeUnit.MINUTES);
        assertThat(under.get(2, TimeUnit.MINUTES)).isEqualTo("200 old");
        board.serve(answering("new"));
        assertThat(later.get(2, TimeUnit.MINUTES)).isEqualTo("200 new");
    }

    @Test
    void endsWhatIsOpenForARevokedCertificateAndNothingElse() {
        var board = board(LONG, 10);
        board.serve((request, responder) -> responder.stream(200, Map.of()));
        var hers = new ArrayList<Runnable>();
        var his = new ArrayList<Runnable>();
        HttpRequest ann = person();
        board.handle(ann, new Streams(hers));
        board.handle(person(), new Streams(his));
        board.endRefused();
        assertThat(hers).as("nobody is revoked yet").hasSize(1);

        revoked.addAll(ann.clientCertificates());
        board.endRefused();

        assertThat(hers).as("ended").isEmpty();
        assertThat(his).hasSize(1);
        board.handle(ann, new Streams(hers));
        assertThat(hers).as("one that begins just then").isEmpty();
    }

    /// Who watches by a token of a service account, whose key is replaced.
    @Test
    void endsWhatIsOpenForATokenOfADroppedKey() {
        var board = board(LONG, 10);
        board.serve((request, responder) -> responder.stream(200, Map.of()));
        var hers = new ArrayList<Runnable>();
        var its = new ArrayList<Runnable>();
        var others = new ArrayList<Runnable>();
        HttpRequest old = bearer(token(pki));
        pki.serviceAccountKeys().begin();
        board.handle(old, new Streams(hers));
        board.handle(bearer(token(pki)), new Streams(its));
        board.handle(bearer("abcdef.0123456789abcdef"), new Streams(others));
        board.endRefused();
        assertThat(hers).as("the key is taken still").hasSize(1);

        pki.serviceAccountKeys().finish();
        board.endRefused();

        assertThat(hers).as("ended").isEmpty();
        assertThat(its).hasSize(1);
        assertThat(others).hasSize(1);
        board.handle(old, new Streams(hers));
        assertThat(hers).as("one that begins just then").isEmpty();
    }

    /// Who was let in by a certificate of an authority that is replaced.
    @Test
    void endsWhatIsOpenForACertificateOfADroppedAuthority() {
        var board = board(LONG, 10);
        board.serve((request, responder) -> responder.upgrade(Map.of()));
        var hers = new ArrayList<Runnable>();
        var his = new ArrayList<Runnable>();
        HttpRequest ann = person();
        pki.authorities().begin();
        board.handle(ann, new Streams(hers));
        board.handle(person(), new Streams(his));
        board.endRefused();
        assertThat(hers).as("both are taken").hasSize(1);

        pki.authorities().finish();
        board.endRefused();

        assertThat(hers).as("ended").isEmpty();
        assertThat(his).hasSize(1);
    }

    private static String token(ClusterPki pki) {
        String header = "{\"alg\":\"ES256\",\"kid\":\""
                + ServiceAccountTokens.keyId(
                        (ECPublicKey) pki.serviceAccountKey().getPublic())
                + "\"}";
        return Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.UTF_8))
                + ".e30.x";
    }

    private static HttpRequest bearer(String token) {
        return new HttpRequest(
                "GET",
                "/version",
                "",
                Map.of("authorization", List.of("Bearer " + token)),
                new byte[0],
                "127.0.0.1",
                List.of(),
                false);
    }

    /// While nothing runs, nobody else would know of it.
    @Test
    void handsOnWhatIsRefusedWhileNothingRuns() {
        var board = board(LONG, 10);
        var early = new HttpRefusal(person(), 401, "Unauthorized");
        board.refused(early);
        assertThat(unserved).containsExactly(early);

        var told = new ArrayList<HttpRefusal>();
        board.serve(new HttpHandler() {
            @Override
            public void handle(HttpRequest request, HttpResponder responder) {}

            @Override
            public void refused(HttpRefusal refusal) {
                told.add(refusal);
            }
        });
        board.refused(early);
        assertThat(told).containsExactly(early);
        assertThat(unserved).hasSize(1);
    }

    /// A shell, a port-forward.
    @Test
    void endsTunnelsOfARevokedCertificate() {
        var board = board(LONG, 10);
        board.serve((request, responder) -> responder.upgrade(Map.of()));
        var ends = new ArrayList<Runnable>();
        HttpRequest ann = person();
        board.handle(ann, new Streams(ends));
        assertThat(board.unusedFor()).as("in use").isEmpty();

        revoked.addAll(ann.clientCertificates());
        board.endRefused();

        assertThat(ends).as("ended").isEmpty();
        assertThat(board.unusedFor()).isPresent();
    }

    private Switchboard board(Duration patience, int most) {
        return new Switchboard(
                knocks::incrementAndGet,
                SyncerRights::isHeldBy,
                new Refusals(pki, revoked::contains),
                unserved::add,
                patience,
                most);
    }

    private CompletableFuture<String> ask(Switchboard board, HttpRequest request) {
        var answer = new CompletableFuture<String>();
        clients.execute(() -> board.handle(request, new HttpResponder() {
            @Override
            public void send(int status, Map<String, List<String>> headers, byte[] body) {
                String retry = headers.containsKey("Retry-After")
                        ? "Retry-After=" + headers.get("Retry-After").getFirst() + " "
                        : "";
                answer.complete(status + " " + retry + new String(body, StandardCharsets.UTF_8));
            }

            @Override
            public BodyStream stream(int status, Map<String, List<String>> headers) {
                throw new IllegalStateException("nothing is streamed here");
            }
        }));
        return answer;
    }

    private static HttpHandler answering(String what) {
        return (request, responder) -> responder.send(200, Map.of(), what.getBytes(StandardCharsets.UTF_8));
    }

    private HttpRequest person() {
        return request(List.of(pki.issueUser("ann", List.of("insula:syncer-not"), Duration.ofHours(1))
                .certificate()));
    }

    private HttpRequest syncer() {
        return request(List.of(pki.issueUser(ClusterPki.SYNCER, List.of(ClusterPki.SYNCER), Duration.ofHours(1))
                .certificate()));
    }

    private static HttpRequest request(List<X509Certificate> shown) {
        return new HttpRequest("GET", "/version", "", Map.of(), new byte[0], "127.0.0.1", shown, false);
    }

    private static void await(BooleanSupplier reached) {
        long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
        while (!reached.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /// Streams whose ends are told by whoever asked.
    private record Streams(List<Runnable> ends) implements HttpResponder {
        @Override
        public void send(int status, Map<String, List<String>> headers, byte[] body) {
            throw new IllegalStateException("everything is streamed here");
        }

        @Override
        public Tunnel upgrade(Map<String, List<String>> headers) {
            return new OpenTunnel(ends);
        }

        @Override
        public BodyStream stream(int status, Map<String, List<String>> headers) {
            return new BodyStream() {
                @Override
                public boolean write(byte[] chunk) {
                    return true;
                }

                @Override
                public void onClose(Runnable action) {
                    ends.add(action);
                }

                @Override
                public void close() {
                    List.copyOf(ends).forEach(Runnable::run);
                    ends.clear();
                }
            };
        }
    }

    private record OpenTunnel(List<Runnable> ends) implements Tunnel {
        @Override
        public InputStream in() {
            return InputStream.nullInputStream();
        }

        @Override
        public OutputStream out() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public void onClose(Runnable action) {
            ends.add(action);
        }

        @Override
        public void close() {
            List.copyOf(ends).forEach(Runnable::run);
            ends.clear();
        }
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // set before each test
    private static <T> T unset() {
        return null;
    }
}
