package io.insula.it;

import io.insula.it.backend.Backend;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Somebody else's S3-compatible store on loopback, and a way to it that can be cut. It knows one key and believes
/// every signature of that. Thread-safe.
final class TestStore implements AutoCloseable {

    static final String BUCKET = "tenants";

    /// Those that it knows.
    static final String ID = "S3RVER";

    static final String SECRET = "S3RVER";

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int CHUNK = 1 << 16;
    private static final long NEVER = Long.MAX_VALUE;

    private final Path data;
    private final int port = Backend.freePort();
    private final Process process;
    private final ServerSocket way;
    private final AtomicLong left = new AtomicLong(NEVER);
    private final AtomicInteger cuts = new AtomicInteger();

    TestStore(Path folder) {
        try {
            data = Files.createDirectories(folder.resolve("store"));
            process = new ProcessBuilder(
                            "node",
                            ClientTools.store()
                                    .resolve("node_modules/s3rver/bin/s3rver.js")
                                    .toString(),
                            "--directory",
                            data.toString(),
                            "--address",
                            "127.0.0.1",
                            "--port",
                            Integer.toString(port),
                            "--no-vhost-buckets",
                            "--silent",
                            "--configure-bucket",
                            BUCKET)
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("store.log").toFile())
                    .start();
            way = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException("the store does not start", e);
        }
        Installation.await("the store answers", PATIENCE, this::answers);
        Thread.ofVirtual().name("way-to-store").start(this::accept);
    }

    private boolean answers() {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Reached directly.
    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /// Reached by the way that can be cut.
    String endpointByTheWay() {
        return "http://127.0.0.1:" + way.getLocalPort();
    }

    /// Of an object, as the store keeps it.
    Path file(String key) {
        return data.resolve(BUCKET).resolve(key + "._S3rver_object");
    }

    /// Cuts the way each time so many bytes have gone along it, in both directions together, so many times.
    void cutAfter(long bytes, int times) {
        cuts.set(times);
        left.set(bytes);
    }

    /// How often it still will be.
    int cutsLeft() {
        return cuts.get();
    }

    private void accept() {
        while (true) {
            try {
                Socket client = way.accept();
                var server = new Socket(InetAddress.getLoopbackAddress(), port);
                Thread.ofVirtual().start(() -> pass(client, server));
                Thread.ofVirtual().start(() -> pass(server, client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void pass(Socket from, Socket to) {
        long each = left.get();
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            var bytes = new byte[CHUNK];
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                if (cuts.get() > 0 && left.addAndGet(-count) <= 0) {
                    cuts.decrementAndGet();
                    left.set(each);
                    return;
                }
                out.write(bytes, 0, count);
            }
        } catch (IOException e) {
            // the other direction has ended
        }
    }

    /// A file with credentials.
    static @Nullable Path credentials(Path folder, String id, String secret) throws IOException {
        return Files.writeString(
                folder.resolve("credentials-" + Integer.toHexString(secret.hashCode())),
                String.join(
                        "\n",
                        List.of("[default]", "aws_access_key_id = " + id, "aws_secret_access_key = " + secret, "")));
    }

    @Override
    public void close() throws IOException {
        way.close();
        Backend.end(process);
    }
}
