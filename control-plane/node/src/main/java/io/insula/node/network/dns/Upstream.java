package io.insula.node.network.dns;

import io.insula.rules.network.IpAddress;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The machine's resolvers, for what is not a name of the cluster's. Thread-safe. Source: resolv.conf(5).
final class Upstream {

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final int TRIES = 2;
    private static final int MOST = 3;
    private static final int LARGEST = 65_535;
    private static final int PORT = 53;

    private final SecureRandom random = new SecureRandom();
    private final Path configuration;
    private final int port;

    Upstream(Path configuration) {
        this(configuration, PORT);
    }

    /// @param port of all of them
    Upstream(Path configuration, int port) {
        this.configuration = configuration;
        this.port = port;
    }

    /// @param query as it came; its answer bears the same number
    /// @param stream whether by TCP, where it came so
    /// @return empty where nobody answers
    Optional<byte[]> ask(byte[] query, boolean stream) {
        for (int attempt = 0; attempt < TRIES; attempt++) {
            for (InetSocketAddress server : servers()) {
                try {
                    var asked = query.clone();
                    ByteBuffer.wrap(asked).putShort(0, (short) random.nextInt(1 << 16));
                    byte[] answer = stream ? byStream(asked, server) : byDatagram(asked, server);
                    ByteBuffer.wrap(answer).putShort(0, ByteBuffer.wrap(query).getShort(0));
                    return Optional.of(answer);
                } catch (IOException e) {
                    LOG.atDebug().addKeyValue("server", server).setCause(e).log("a resolver does not answer");
                }
            }
        }
        return Optional.empty();
    }

    private List<InetSocketAddress> servers() {
        var servers = new ArrayList<InetSocketAddress>();
        try {
            for (String line : Files.readAllLines(configuration)) {
                String[] words = line.strip().split("\\s+", -1);
                if (words.length > 1 && words[0].equals("nameserver") && servers.size() < MOST) {
                    // strictly read, so nothing is looked up
                    IpAddress.parse(words[1])
                            .ifPresent(address -> servers.add(new InetSocketAddress(address.toString(), port)));
                }
            }
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("the machine's resolvers cannot be told");
        }
        return servers;
    }

    /// Joined to its server, the socket hears nobody else; the number tells a late answer to something else.
    private byte[] byDatagram(byte[] query, InetSocketAddress server) throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.connect(server);
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            socket.send(new DatagramPacket(query, query.length));
            var packet = new DatagramPacket(new byte[LARGEST], LARGEST);
            while (true) {
                socket.receive(packet);
                byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
                if (belongs(answer, query)) {
                    return answer;
                }
            }
        }
    }

    private byte[] byStream(byte[] query, InetSocketAddress server) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(server, Math.toIntExact(PATIENCE.toMillis()));
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            var out = new DataOutputStream(socket.getOutputStream());
            out.writeShort(query.length);
            out.write(query);
            out.flush();
            var in = new DataInputStream(socket.getInputStream());
            byte[] answer = in.readNBytes(in.readUnsignedShort());
            if (!belongs(answer, query)) {
                throw new IOException("an answer to another question");
            }
            return answer;
        }
    }

    private static boolean belongs(byte[] answer, byte[] query) {
        return answer.length >= 12 && answer[0] == query[0] && answer[1] == query[1] && (answer[2] & 0x80) != 0;
    }
}
