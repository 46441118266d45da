package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.Tunnel;
import io.insula.tenantapi.tunnel.Tunnels;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("StringConcatToTextBlock") // the line ends are what is sent
class UpgradeTest {

    private static final int PIECE = 64 << 10;

    private static final Map<String, List<String>> AGREED =
            Map.of("Connection", List.of("Upgrade"), "Upgrade", List.of("echo"));
    private static final Map<String, List<String>> WISH =
            Map.of("Connection", List.of("Upgrade"), "Upgrade", List.of("echo"));
    private static final int MIB = 1024 * 1024;

    private final Edge edge = new Edge();

    @AfterEach
    void stop() {
        edge.close();
    }

    @Test
    void carriesBytesBothWays() throws Exception {
        edge.handle((request, responder) -> {
            assertThat(request.asksForUpgrade()).isTrue();
            try (Tunnel tunnel = responder.upgrade(AGREED)) {
                byte[] heard = tunnel.in().readNBytes(10);
                tunnel.out().write(bytes("heard " + new String(heard, StandardCharsets.UTF_8)));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        try (Tunnel tunnel = dial()) {
            tunnel.out().write(bytes("some"));
            tunnel.out().write(bytes(" words"));
            assertThat(new String(tunnel.in().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("heard some words");
        }
        Edge.await("nothing is held", edge.server()::isIdle);
    }

    @Test
    void joinsTwoTunnelsOfAnyLength() throws Exception {
        try (var behind = new Edge()) {
            behind.handle((_, responder) -> echo(responder.upgrade(AGREED)));
            passTo(behind);
            try (Tunnel tunnel = dial()) {
                byte[] much = much();
                Thread.ofVirtual().start(() -> write(tunnel, much));
                byte[] back = tunnel.in().readNBytes(much.length);
                assertThat(Arrays.equals(back, much)).isTrue();
            }
            Edge.await("nothing is held before", edge.server()::isIdle);
            Edge.await("nothing is held behind", behind.server()::isIdle);
        }
    }

    @Test
    void lastWordsArriveOnBothSides() throws Exception {
        try (var behind = new Edge()) {
            var heard = new CompletableFuture<byte[]>();
            byte[] much = much();
            behind.handle((_, responder) -> {
                try (Tunnel tunnel = responder.upgrade(AGREED)) {
                    tunnel.out().write(much);
                    tunnel.in().read();
                    heard.complete(tunnel.in().readAllBytes());
                } catch (IOException e) {
                    heard.completeExceptionally(e);
                }
            });
            passTo(behind);
            try (Tunnel tunnel = dial()) {
                tunnel.in().readNBytes(much.length);
                tunnel.out().write(1);
                tunnel.out().write(much);
            }
            byte[] all = heard.get(3, TimeUnit.MINUTES);
            assertThat(Arrays.equals(all, much)).isTrue();

            behind.handle((_, responder) -> {
                try (Tunnel tunnel = responder.upgrade(AGREED)) {
                    tunnel.out().write(much);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (Tunnel tunnel = dial()) {
                byte[] back = tunnel.in().readAllBytes();
                assertThat(Arrays.equals(back, much)).isTrue();
            }
        }
    }

    /// As container runtimes do when a command ends: all is written, and the socket closed, while the client has hardly
    /// read. What the client says from then on (pings, its standard input) costs nothing of that. What it said just
    /// before may: then it is the kernel of the other side that throws away.
    @Test
    void lastWordsArriveOfWhoHangsUpWithoutListening() throws Exception {
        byte[] much = much();
        var hungUp = new Semaphore(0);
        try (var behind = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> speakAndHangUp(behind, much, hungUp));
            var peer = new Dial.Peer("127.0.0.1", behind.getLocalPort(), Optional.empty());
            edge.handle((request, responder) -> {
                try {
                    Upgrades.pass(request, responder, peer, "POST", "/behind");
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            for (int i = 0; i < 5; i++) {
                try (Tunnel tunnel = dial()) {
                    byte[] back = new byte[much.length];
                    int read = 0;
                    // slowly, so that most of it is still on its way when the other side is gone
                    while (!hungUp.tryAcquire(20, TimeUnit.MILLISECONDS)) {
                        read += tunnel.in().readNBytes(back, read, Math.min(PIECE, much.length - read));
                    }
                    assertThat(read).as("what had been read by then").isLessThan(much.length);
                    for (int count = 0; count >= 0 && read < much.length; read += Math.max(count, 0)) {
                        tunnel.out().write('.');
                        count = tunnel.in().read(back, read, Math.min(4096, much.length - read));
                    }
                    assertThat(read).isEqualTo(much.length);
                    assertThat(Arrays.equals(back, much)).isTrue();
                }
            }
        }
    }

    private static void speakAndHangUp(ServerSocket server, byte[] words, Semaphore hungUp) {
        while (true) {
            try (Socket socket = server.accept()) {
                var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
                while (!in.readLine().isEmpty()) {
                    // the request's head
                }
                socket.getOutputStream()
                        .write(bytes("HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"));
                Thread listener = Thread.ofVirtual().start(() -> drain(in));
                socket.getOutputStream().write(words);
                assertThat(listener.isAlive()).isTrue();
            } catch (IOException e) {
                return;
            }
            hungUp.release();
        }
    }

    private static void drain(Reader in) {
        try {
            in.transferTo(Writer.nullWriter());
        } catch (IOException e) {
            // the socket has been closed
        }
    }

    /// What interrupts a command that never stops talking.
    @Test
    void wordsArriveAtWhoNeverStopsTalking() throws Exception {
        var heard = new CompletableFuture<Integer>();
        try (var behind = new Edge()) {
            behind.handle((_, responder) -> {
                try (Tunnel tunnel = responder.upgrade(AGREED)) {
                    Thread.ofVirtual().start(() -> heard.complete(readOne(tunnel)));
                    while (!heard.isDone()) {
                        tunnel.out().write(new byte[MIB / 16]);
                    }
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            passTo(behind);
            try (Tunnel tunnel = dial()) {
                assertThat(tunnel.in().read()).isZero();
                tunnel.out().write('c');
                // not read meanwhile
                assertThat(heard.get(3, TimeUnit.MINUTES)).isEqualTo('c');
            }
        }
    }

    private static int readOne(Tunnel tunnel) {
        try {
            return tunnel.in().read();
        } catch (IOException e) {
            return -1;
        }
    }

    @Test
    void whoIsNotReadWaits() throws Exception {
        var sent = new AtomicLong();
        var read = new CompletableFuture<Tunnel>();
        edge.handle((_, responder) -> read.complete(responder.upgrade(AGREED)));
        Tunnel client = dial();
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    client.out().write(new byte[64 * 1024]);
                    sent.addAndGet(64 * 1024);
                }
            } catch (IOException e) {
                // closed below
            }
        });
        Tunnel server = read.get(3, TimeUnit.MINUTES);
        Edge.await("much has been sent", () -> sent.get() > MIB / 4);
        awaitStandstill(sent);
        long before = sent.get();
        // sockets take some; a server that reads on would have taken all
        assertThat(before).isLessThan(64L * MIB);

        server.in().readNBytes((int) before);
        Edge.await("it goes on", () -> sent.get() > before);
        client.close();
        server.close();
    }

    @Test
    void whoDoesNotReadIsWaitedForAndFreedWhenGone() throws Exception {
        var sent = new AtomicLong();
        var over = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        edge.handle((_, responder) -> {
            Tunnel tunnel = responder.upgrade(AGREED);
            tunnel.onClose(closed::countDown);
            try {
                while (true) {
                    tunnel.out().write(new byte[64 * 1024]);
                    sent.addAndGet(64 * 1024);
                }
            } catch (IOException e) {
                over.countDown();
            }
        });
        Tunnel client = dial();
        Edge.await("much has been sent", () -> sent.get() > MIB / 4);
        awaitStandstill(sent);
        assertThat(sent.get()).isLessThan(64L * MIB);

        client.close();
        Edge.await(over);
        Edge.await(closed);
        assertThat(over.getCount()).isZero();
        Edge.await("nothing is held", edge.server()::isIdle);
    }

    @Test
    void aTunnelEndsWithTheServer() throws Exception {
        edge.handle((_, responder) -> echo(responder.upgrade(AGREED)));
        try (Tunnel client = dial()) {
            client.out().write(bytes("x"));
            assertThat(client.in().read()).isEqualTo('x');
            edge.server().close();
            assertThat(client.in().read()).isEqualTo(-1);
        }
    }

    @Test
    void refusalsArePlainHttp() throws Exception {
        edge.handle((_, responder) -> Edge.text(responder, "no"));
        var answer = Dial.upgrade(peer(edge), "GET", "/", WISH, Edge.DEADLINE);
        assertThat(answer).isInstanceOfSatisfying(Dial.Answer.Refused.class, refused -> {
            assertThat(refused.status()).isEqualTo(200);
            assertThat(refused.body()).isEqualTo(bytes("no"));
        });
    }

    @Test
    void nobodyIsUpgradedUnasked() {
        edge.handle((_, responder) -> {
            assertThatThrownBy(() -> responder.upgrade(AGREED)).hasMessageContaining("missing upgrade headers");
            Edge.text(responder, "refused");
        });
        assertThat(edge.raw("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nUpgrade: echo\r\n\r\n"))
                .endsWith("refused");
    }

    /// What comes before the answer would be taken for the other protocol by us and for HTTP by a proxy before us.
    @Test
    void bytesBeforeTheAnswerCostTheConnection() throws Exception {
        var asked = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        edge.handle((_, responder) -> {
            asked.countDown();
            Edge.await(go);
            responder.upgrade(AGREED);
        });
        try (SSLSocket socket = edge.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
                    + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"));
            Edge.await(asked);
            go.countDown();
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("101");
        }
        Edge.await("nothing is held", edge.server()::isIdle);
    }

    @Test
    void headersStayOneLineEach() {
        assertThatThrownBy(() -> Dial.upgrade(
                        peer(edge),
                        "GET",
                        "/",
                        Map.of("Upgrade", List.of("echo\r\nX-Remote-User: root")),
                        Edge.DEADLINE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Dial.upgrade(peer(edge), "GET", "/ HTTP/1.1\r\nx: y", WISH, Edge.DEADLINE))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aServerOfAnotherNameIsNotTalkedTo() throws Exception {
        var elsewhere = new TestPki("CN=elsewhere");
        var peer = new Dial.Peer("127.0.0.1", edge.server().port(), Optional.of(elsewhere.clientContext(null)));
        assertThatThrownBy(() -> Dial.upgrade(peer, "GET", "/", WISH, Edge.DEADLINE))
                .isInstanceOf(IOException.class);
    }

    private Tunnel dial() throws IOException {
        var answer = Dial.upgrade(peer(edge), "GET", "/", WISH, Duration.ofMinutes(3));
        assertThat(answer).isInstanceOf(Dial.Answer.Upgraded.class);
        var upgraded = (Dial.Answer.Upgraded) answer;
        assertThat(upgraded.headers()).containsEntry("upgrade", List.of("echo"));
        return upgraded.tunnel();
    }

    private static Dial.Peer peer(Edge edge) {
        try {
            return new Dial.Peer(
                    "127.0.0.1", edge.server().port(), Optional.of(edge.pki().clientContext(null)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void echo(Tunnel tunnel) {
        Tunnels.join(tunnel, new EchoTunnel());
    }

    private void passTo(Edge behind) {
        edge.handle((request, responder) -> {
            try {
                Upgrades.pass(request, responder, peer(behind), "POST", "/behind");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static byte[] much() {
        byte[] much = new byte[5 * MIB];
        new Random(1).nextBytes(much);
        return much;
    }

    private static void write(Tunnel tunnel, byte[] bytes) {
        try {
            tunnel.out().write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitStandstill(AtomicLong count) {
        var seen = new long[] {-1, 0};
        Edge.await("a standstill", () -> {
            boolean same = seen[0] == count.get();
            seen[0] = count.get();
            seen[1] = same ? seen[1] + 1 : 0;
            return seen[1] > 500;
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
