package io.insula.node.network.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Over real sockets, between loopback addresses that stand for pods; the resolver behind is one of these servers too.
final class DnsServerTest {

    private static final InetAddress SERVER = InetAddress.ofLiteral("127.0.53.1");
    private static final InetAddress ACME = InetAddress.ofLiteral("127.0.53.2");
    private static final InetAddress GLOBEX = InetAddress.ofLiteral("127.0.53.3");
    private static final InetAddress STRANGER = InetAddress.ofLiteral("127.0.53.4");

    private DnsServer world;
    private DnsServer server;

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        Path none = Files.createFile(folder.resolve("none"));
        var outside = new ClusterNames("example.org", List.of(service("a", "www", "192.0.2.80")), List.of());
        world = DnsServer.start(
                InetAddress.ofLiteral("127.0.53.9"), _ -> Optional.of(outside), "example.org", new Upstream(none));
        Path resolvers = Files.writeString(folder.resolve("resolv.conf"), "# x\nnameserver 127.0.53.9\n");
        var acme = new ClusterNames(
                "cluster.local",
                List.of(
                        service("shop", "web", "10.96.0.1"),
                        new NamedService("shop", "many", List.of(), List.of(), endpoints(), ""),
                        new NamedService("shop", "out", List.of(), List.of(), List.of(), "www.a.svc.example.org")),
                List.of());
        var globex = new ClusterNames("cluster.local", List.of(service("shop", "web", "10.96.0.2")), List.of());
        server = DnsServer.start(
                SERVER,
                asker -> asker.equals(ACME)
                        ? Optional.of(acme)
                        : asker.equals(GLOBEX) ? Optional.of(globex) : Optional.empty(),
                "cluster.local",
                new Upstream(resolvers, world.port()));
    }

    @AfterEach
    void stop() {
        server.close();
        world.close();
    }

    private static NamedService service(String namespace, String name, String address) {
        return new NamedService(namespace, name, List.of(address), List.of(), List.of(), "");
    }

    private static List<NamedService.Endpoint> endpoints() {
        return IntStream.range(0, 100)
                .mapToObj(i -> new NamedService.Endpoint("e-" + i, "10.88.0." + i, List.of()))
                .toList();
    }

    @Test
    void tellsEachItsOwnNamesOnly() throws IOException {
        assertThat(addresses(ask(ACME, "web.shop.svc.cluster.local"))).containsExactly("10.96.0.1");
        assertThat(addresses(ask(GLOBEX, "web.shop.svc.cluster.local"))).containsExactly("10.96.0.2");
        assertThat(code(ask(GLOBEX, "many.shop.svc.cluster.local"))).isEqualTo(DnsWriter.NO_NAME);
        for (String name : List.of("web.shop.svc.cluster.local", "www.a.svc.example.org")) {
            assertThat(code(ask(STRANGER, name))).isEqualTo(DnsWriter.REFUSED);
        }
    }

    @Test
    void asksTheMachinesResolversForOthers() throws IOException {
        byte[] answer = ask(ACME, "www.a.svc.example.org");
        assertThat(addresses(answer)).containsExactly("192.0.2.80");
        assertThat(ByteBuffer.wrap(answer).getShort(0)).isEqualTo((short) 4711);
        assertThat(addresses(stream(ACME, "www.a.svc.example.org"))).containsExactly("192.0.2.80");
        assertThat(code(ask(ACME, "none.example.org"))).isEqualTo(DnsWriter.NO_NAME);
        world.close();
        assertThat(code(ask(ACME, "www.a.svc.example.org"))).isEqualTo(DnsWriter.SERVER_FAILURE);
    }

    @Test
    void followsANameThatStandsForAnother() throws IOException {
        assertThat(addresses(ask(ACME, "out.shop.svc.cluster.local"))).containsExactly("192.0.2.80");
    }

    @Test
    void tellsWhomItDoesNotFitToAskByStream() throws IOException {
        byte[] cut = ask(ACME, "many.shop.svc.cluster.local");
        assertThat(cut).hasSizeLessThanOrEqualTo(DnsQuestion.PLAIN);
        assertThat(cut[2] & 2).as("truncated").isEqualTo(2);
        assertThat(addresses(cut)).isEmpty();
        assertThat(addresses(stream(ACME, "many.shop.svc.cluster.local"))).hasSize(100);
    }

    /// Whatever comes, the next question is answered.
    @Test
    void survivesWhatIsNoQuestion() throws IOException {
        byte[] good = DnsWriter.question("web.shop.svc.cluster.local", DnsRecord.A);
        var bad = new ArrayList<byte[]>();
        for (int length = 0; length < good.length; length++) {
            bad.add(Arrays.copyOf(good, length));
        }
        for (int i = 0; i < good.length; i++) {
            byte[] changed = good.clone();
            changed[i] = (byte) 0xff;
            bad.add(changed);
        }
        try (var socket = new DatagramSocket(new InetSocketAddress(ACME, 0))) {
            for (byte[] message : bad) {
                socket.send(new DatagramPacket(message, message.length, SERVER, server.port()));
            }
        }
        assertThat(addresses(ask(ACME, "web.shop.svc.cluster.local"))).containsExactly("10.96.0.1");
    }

    private byte[] ask(InetAddress asker, String name) throws IOException {
        byte[] query = query(name);
        try (var socket = new DatagramSocket(new InetSocketAddress(asker, 0))) {
            socket.setSoTimeout(10_000);
            for (int attempt = 0; attempt < 10; attempt++) {
                socket.send(new DatagramPacket(query, query.length, SERVER, server.port()));
                try {
                    var packet = new DatagramPacket(new byte[65_535], 65_535);
                    socket.receive(packet);
                    return Arrays.copyOf(packet.getData(), packet.getLength());
                } catch (SocketTimeoutException e) {
                    // datagrams may be lost
                }
            }
            throw new AssertionError("no answer for " + name);
        }
    }

    private byte[] stream(InetAddress asker, String name) throws IOException {
        try (var socket = new Socket(SERVER, server.port(), asker, 0)) {
            byte[] query = query(name);
            var out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(query.length);
            out.write(query);
            var in = new DataInputStream(socket.getInputStream());
            return in.readNBytes(in.readUnsignedShort());
        }
    }

    private static byte[] query(String name) {
        byte[] query = DnsWriter.question(name, DnsRecord.A);
        ByteBuffer.wrap(query).putShort(0, (short) 4711);
        return query;
    }

    private static int code(byte[] answer) {
        return answer[3] & 15;
    }

    /// Of our own answers, in which no name is shortened.
    private static List<String> addresses(byte[] answer) {
        var message = ByteBuffer.wrap(answer);
        int count = message.getShort(6);
        message.position(12);
        skip(message);
        message.getInt();
        var found = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            skip(message);
            int type = message.getShort();
            message.getShort();
            message.getInt();
            var data = new byte[message.getShort()];
            message.get(data);
            if (type == DnsRecord.A) {
                found.add((data[0] & 255) + "." + (data[1] & 255) + "." + (data[2] & 255) + "." + (data[3] & 255));
            }
        }
        return found;
    }

    private static void skip(ByteBuffer message) {
        for (int size = message.get(); size > 0; size = message.get()) {
            message.position(message.position() + size);
        }
    }
}
