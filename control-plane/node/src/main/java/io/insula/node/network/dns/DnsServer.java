package io.insula.node.network.dns;

import io.insula.node.network.dns.DnsAnswer.Elsewhere;
import io.insula.node.network.dns.DnsAnswer.NoName;
import io.insula.node.network.dns.DnsAnswer.NotOurs;
import io.insula.node.network.dns.DnsAnswer.Nothing;
import io.insula.node.network.dns.DnsAnswer.Own;
import io.insula.node.network.dns.DnsAnswer.Refused;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers questions for names, by UDP and TCP at one port. Thread-safe; a virtual thread for each question that waits
/// for others, of which each asker has a few at a time: what is too much is not answered, and asked again.
public final class DnsServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DnsServer.class);
    private static final int LARGEST = 65_535;
    private static final int EACH = 32;
    private static final int STREAMS = 8;
    private static final int DEEPEST = 8;
    private static final Duration IDLE = Duration.ofSeconds(10);

    private final Names names;
    private final String domain;
    private final Upstream upstream;
    private final DatagramSocket datagrams;
    private final ServerSocket streams;
    private final ExecutorService work;
    private final Map<InetAddress, Semaphore> questions = new ConcurrentHashMap<>();
    private final Map<InetAddress, Semaphore> connections = new ConcurrentHashMap<>();

    private DnsServer(Names names, String domain, Upstream upstream, DatagramSocket datagrams, ServerSocket streams) {
        this.names = names;
        this.domain = domain;
        this.upstream = upstream;
        this.datagrams = datagrams;
        this.streams = streams;
        this.work = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("insula-dns-", 0).factory());
        work.execute(this::hear);
        work.execute(this::accept);
    }

    /// @param address to listen at, at a port that both protocols have free
    /// @param resolvConf names the machine's resolvers
    public static DnsServer start(InetAddress address, Names names, String domain, Path resolvConf) throws IOException {
        return start(address, names, domain, new Upstream(resolvConf));
    }

    static DnsServer start(InetAddress address, Names names, String domain, Upstream upstream) throws IOException {
        var streams = new ServerSocket();
        streams.bind(new InetSocketAddress(address, 0));
        try {
            var datagrams = new DatagramSocket(new InetSocketAddress(address, streams.getLocalPort()));
            return new DnsServer(names, domain, upstream, datagrams, streams);
        } catch (IOException e) {
            streams.close();
            throw e;
        }
    }

    public int port() {
        return streams.getLocalPort();
    }

    private void hear() {
        var packet = new DatagramPacket(new byte[LARGEST], LARGEST);
        while (!datagrams.isClosed()) {
            try {
                packet.setLength(LARGEST);
                datagrams.receive(packet);
                byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
                SocketAddress from = packet.getSocketAddress();
                InetAddress asker = packet.getAddress();
                inTurn(questions, asker, EACH, () -> {
                    byte[] answer = answer(query, asker, false);
                    if (answer.length > 0) {
                        datagrams.send(new DatagramPacket(answer, answer.length, from));
                    }
                });
            } catch (IOException e) {
                if (!datagrams.isClosed()) {
                    LOG.atDebug().setCause(e).log("a question could not be read");
                }
            }
        }
    }

    private void accept() {
        while (!streams.isClosed()) {
            try {
                Socket socket = streams.accept();
                if (!inTurn(connections, socket.getInetAddress(), STREAMS, () -> serve(socket))) {
                    socket.close();
                }
            } catch (IOException e) {
                if (!streams.isClosed()) {
                    LOG.atDebug().setCause(e).log("a connection could not be taken");
                }
            }
        }
    }

    private void serve(Socket socket) throws IOException {
        try (socket) {
            socket.setSoTimeout(Math.toIntExact(IDLE.toMillis()));
            var in = new DataInputStream(socket.getInputStream());
            var out = new DataOutputStream(socket.getOutputStream());
            while (true) {
                byte[] query = in.readNBytes(in.readUnsignedShort());
                byte[] answer = answer(query, socket.getInetAddress(), true);
                if (answer.length == 0) {
                    return;
                }
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            }
        } catch (EOFException | SocketTimeoutException e) {
            // it has asked all
        }
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    /// @return whether it will be done
    private boolean inTurn(Map<InetAddress, Semaphore> places, InetAddress asker, int most, Work task) {
        Semaphore own = places.computeIfAbsent(asker, _ -> new Semaphore(most));
        if (!own.tryAcquire()) {
            return false;
        }
        work.execute(() -> {
            try {
                task.run();
            } catch (IOException | RuntimeException e) {
                if (!datagrams.isClosed()) {
                    LOG.atDebug().setCause(e).log("a question could not be answered");
                }
            } finally {
                own.release();
                places.computeIfPresent(asker, (_, places2) -> places2.availablePermits() == most ? null : places2);
            }
        });
        return true;
    }

    /// @return empty for what is no question
    private byte[] answer(byte[] query, InetAddress asker, boolean stream) {
        var read = DnsQuestion.read(ByteBuffer.wrap(query));
        if (read.isEmpty()) {
            return new byte[0];
        }
        DnsQuestion question = read.get();
        int room = stream ? LARGEST : question.longest();
        var known = names.of(asker);
        DnsAnswer answer = known.<DnsAnswer>map(all -> all.answer(question.name(), question.type()))
                .orElseGet(Refused::new);
        return switch (answer) {
            case Own(var records, var additional) ->
                DnsWriter.answer(question, DnsWriter.NO_ERROR, records, List.of(), additional, room);
            case Nothing _ -> negative(question, DnsWriter.NO_ERROR, room);
            case NoName _ -> negative(question, DnsWriter.NO_NAME, room);
            case Refused _ -> DnsWriter.answer(question, DnsWriter.REFUSED, List.of(), List.of(), List.of(), room);
            case NotOurs _ ->
                upstream.ask(query, stream)
                        .orElseGet(() -> DnsWriter.answer(
                                question, DnsWriter.SERVER_FAILURE, List.of(), List.of(), List.of(), room));
            case Elsewhere elsewhere ->
                DnsWriter.answer(
                        question,
                        DnsWriter.NO_ERROR,
                        DnsChain.follow(elsewhere, question.type(), known.orElseThrow(), upstream, DEEPEST),
                        List.of(),
                        List.of(),
                        room);
        };
    }

    private byte[] negative(DnsQuestion question, int code, int room) {
        return DnsWriter.answer(
                question, code, List.of(), List.of(DnsRecord.authority(domain, DnsWriter.SECONDS)), List.of(), room);
    }

    @Override
    public void close() {
        datagrams.close();
        try {
            streams.close();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a socket did not close");
        }
        work.shutdownNow();
        work.close();
    }
}
