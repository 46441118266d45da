package io.insula.node.network;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leads each pod's connection to the API server of its own cluster, known by the pod's address: the servers listen on
/// the machine's loopback, where pods do not come. Bytes go through as they are; TLS is between the pod and its server.
/// Thread-safe; two virtual threads for each connection, of which a pod has a bounded number.
final class ApiForwarder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ApiForwarder.class);
    private static final int EACH = 256;
    private static final int BUFFER = 16_384;
    private static final Duration DIAL = Duration.ofSeconds(10);

    private final Function<InetAddress, Optional<InetSocketAddress>> servers;
    private final ServerSocket door;
    private final ExecutorService work;
    private final Map<Socket, Boolean> open = new ConcurrentHashMap<>();
    private final Map<InetAddress, Semaphore> places = new ConcurrentHashMap<>();

    /// @param servers of whoever has an address; empty for somebody who has none
    ApiForwarder(InetAddress address, Function<InetAddress, Optional<InetSocketAddress>> servers) throws IOException {
        this.servers = servers;
        this.door = new ServerSocket();
        door.bind(new InetSocketAddress(address, 0));
        this.work = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("insula-api-", 0).factory());
        work.execute(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket pod = door.accept();
                Semaphore own = places.computeIfAbsent(pod.getInetAddress(), _ -> new Semaphore(EACH));
                if (own.tryAcquire()) {
                    open.put(pod, true);
                    work.execute(() -> lead(pod, own));
                } else {
                    pod.close();
                }
            } catch (IOException e) {
                if (!door.isClosed()) {
                    LOG.atDebug().setCause(e).log("a pod's connection could not be taken");
                }
            }
        }
    }

    private void lead(Socket pod, Semaphore place) {
        var server = new Socket();
        try (pod;
                server) {
            Optional<InetSocketAddress> target = servers.apply(pod.getInetAddress());
            if (target.isEmpty()) {
                return;
            }
            server.connect(target.get(), Math.toIntExact(DIAL.toMillis()));
            open.put(server, true);
            var isBack = new CountDownLatch(1);
            work.execute(() -> {
                try {
                    pump(server, pod);
                } finally {
                    isBack.countDown();
                }
            });
            pump(pod, server);
            isBack.await();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a pod's connection to its API server ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(pod);
            open.remove(server);
            place.release();
        }
    }

    /// One direction to its end, which is told to the other side: connections may be half open.
    private static void pump(Socket from, Socket to) {
        var buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
                out.flush();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a socket did not close");
        }
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a socket did not close");
        }
        open.keySet().forEach(ApiForwarder::close);
        work.shutdownNow();
        work.close();
    }
}
