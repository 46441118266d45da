package io.insula.tenantapi.tunnel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stateless.
public final class Tunnels {

    private static final Logger LOG = LoggerFactory.getLogger(Tunnels.class);
    /// How long a server may take for the last words of a client that is gone.
    private static final Duration LINGER = Duration.ofSeconds(5);

    private static final int PIECE_BYTES = 32 * 1024;

    private Tunnels() {}

    /// Passes bytes between a client and a server behind until one of them has ended; both are closed then. What either
    /// said last is still passed on, where the other takes it soon.
    public static void join(Tunnel client, Tunnel server) {
        try (client;
                server) {
            Thread toServer = Thread.ofVirtual().name("tunnel-to-server").start(() -> toServer(client, server));
            client.onClose(() -> {
                end(toServer);
                server.close();
            });
            pump(server.in(), client.out());
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a tunnel was cut");
        }
    }

    private static void toServer(Tunnel client, Tunnel server) {
        try {
            pump(client.in(), server.out());
            server.out().close();
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a tunnel was cut");
            client.close();
            server.close();
        }
    }

    private static void end(Thread pump) {
        try {
            pump.join(LINGER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pump(InputStream from, OutputStream to) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
            to.write(piece, 0, count);
            to.flush();
        }
    }
}
