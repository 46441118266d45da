package io.insula.node.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// A port of loopback through which a server is reached, as long as it is open: shut, it cuts who is connected and
/// refuses who comes. Thread-safe.
final class TestGate implements AutoCloseable {

    private final InetSocketAddress server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final int port;
    private volatile @Nullable ServerSocket listening;

    /// Open.
    TestGate(InetSocketAddress server) throws IOException {
        this.server = server;
        var first = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        port = first.getLocalPort();
        listen(first);
    }

    int port() {
        return port;
    }

    void open() throws IOException {
        var next = new ServerSocket();
        next.setReuseAddress(true);
        next.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        listen(next);
    }

    void shut() throws IOException {
        ServerSocket now = listening;
        if (now != null) {
            now.close();
        }
        for (Socket each : open) {
            each.close();
        }
        open.clear();
    }

    private void listen(ServerSocket socket) {
        listening = socket;
        Thread.ofVirtual().name("gate").start(() -> {
            while (!socket.isClosed()) {
                try {
                    join(socket.accept(), socket);
                } catch (IOException e) {
                    // shut, or the server is gone by itself
                }
            }
        });
    }

    private void join(Socket client, ServerSocket through) throws IOException {
        open.add(client);
        var beyond = new Socket(server.getAddress(), server.getPort());
        open.add(beyond);
        if (through.isClosed()) {
            client.close();
            beyond.close();
        }
        Thread.ofVirtual().name("gate in").start(() -> pass(client, beyond));
        Thread.ofVirtual().name("gate out").start(() -> pass(beyond, client));
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException e) {
            // cut
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    @Override
    public void close() throws IOException {
        shut();
    }
}
