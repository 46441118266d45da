package io.insula.node.network;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// A program that answers or asks by UDP, as busybox has none.
final class UdpPeer {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private UdpPeer() {}

    static String[] answering(int port, String text) {
        return command("answer", String.valueOf(port), text);
    }

    static String[] asking(String address, int port) {
        return command("ask", address, String.valueOf(port));
    }

    /// Writes what it hears to a file, and answers.
    static String[] recording(int port, Path file) {
        return command("record", String.valueOf(port), file.toString());
    }

    static String[] sending(String from, String to, int port, String text) {
        return command("send", from, to, String.valueOf(port), text);
    }

    /// The same without an end, from one port: one connection, as the kernel sees it.
    static String[] streaming(String to, int port, String text) {
        return command("stream", to, String.valueOf(port), text);
    }

    private static String[] command(String... words) {
        return Stream.concat(
                        Stream.of(
                                Path.of(System.getProperty("java.home"), "bin/java")
                                        .toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-cp",
                                UdpPeer.class
                                        .getProtectionDomain()
                                        .getCodeSource()
                                        .getLocation()
                                        .getPath(),
                                UdpPeer.class.getName()),
                        Stream.of(words))
                .toArray(String[]::new);
    }

    /// See the methods above.
    public static void main(String[] args) throws IOException {
        var words = List.of(args);
        switch (words.getFirst()) {
            case "answer" -> answer(Integer.parseInt(words.get(1)), words.get(2));
            case "ask" -> System.out.print(ask(words.get(1), Integer.parseInt(words.get(2))));
            case "record" -> record(Integer.parseInt(words.get(1)), Path.of(words.get(2)));
            case "send" -> {
                try (var socket = new DatagramSocket(0, InetAddress.getByName(words.get(1)))) {
                    send(socket, words.get(2), Integer.parseInt(words.get(3)), words.get(4));
                }
            }
            case "stream" -> {
                try (var socket = new DatagramSocket()) {
                    for (int i = 0; ; i++) {
                        send(socket, words.get(1), Integer.parseInt(words.get(2)), words.get(3) + " " + i);
                        LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                    }
                }
            }
            default -> throw new IllegalArgumentException(words.getFirst());
        }
    }

    private static void send(DatagramSocket socket, String to, int port, String text) {
        byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
        try {
            socket.send(new DatagramPacket(bytes, bytes.length, InetAddress.getByName(to), port));
        } catch (IOException e) {
            // nobody there, or not for us
        }
    }

    private static void record(int port, Path file) throws IOException {
        try (var socket = new DatagramSocket(port)) {
            while (true) {
                var packet = new DatagramPacket(new byte[1500], 1500);
                socket.receive(packet);
                Files.write(
                        file,
                        Arrays.copyOf(packet.getData(), packet.getLength()),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
                // answered, it is a connection to the kernel
                socket.send(new DatagramPacket(new byte[1], 1, packet.getSocketAddress()));
            }
        }
    }

    private static void answer(int port, String text) throws IOException {
        try (var socket = new DatagramSocket(port)) {
            while (true) {
                var packet = new DatagramPacket(new byte[1500], 1500);
                socket.receive(packet);
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                socket.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
            }
        }
    }

    private static String ask(String address, int port) throws IOException {
        try (var socket = new DatagramSocket()) {
            socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
            // joined, so that an ICMP refusal is told
            socket.connect(InetAddress.getByName(address), port);
            byte[] bytes = "ask".getBytes(StandardCharsets.UTF_8);
            socket.send(new DatagramPacket(bytes, bytes.length));
            var packet = new DatagramPacket(new byte[1500], 1500);
            socket.receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        } catch (SocketTimeoutException e) {
            return "nothing";
        } catch (IOException e) {
            return "refused";
        }
    }
}
