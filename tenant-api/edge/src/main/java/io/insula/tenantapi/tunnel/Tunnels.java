package io.insula.tenantapi.tunnel;

import java.io.IOException;
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

    /// Passes bytes between a client and a server behind until one of them has ended; both are closed then.
    /// What either said last is still passed on, where the other takes it soon: a server may hang up without
    /// listening to the end, and what comes for it then is dropped, as the client may have much to read yet.
    public static void join(Tunnel client, Tunnel server) {
        var turns = new Turns(server);
        try (client;
                server) {
            Thread toServer = Thread.ofVirtual().name("tunnel-to-server").start(() -> toServer(client, server, turns));
            client.onClose(() -> {
                end(toServer);
                server.close();
            });
            toClient(client, server, turns);
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a tunnel was cut");
        } finally {
            turns.end();
        }
    }

    private static void toClient(Tunnel client, Tunnel server, Turns turns) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        for (int count = server.in().read(piece);
                count >= 0;
                count = server.in().read(piece)) {
            turns.heard();
            client.out().write(piece, 0, count);
            client.out().flush();
        }
    }

    private static void toServer(Tunnel client, Tunnel server, Turns turns) {
        byte[] piece = new byte[PIECE_BYTES];
        boolean listens = true;
        try {
            for (int count = client.in().read(piece);
                    count >= 0;
                    count = client.in().read(piece)) {
                listens = listens && turns.mayTalk() && wrote(server, piece, count);
            }
            if (listens) {
                server.out().close();
            }
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a tunnel was cut");
            client.close();
            server.close();
        }
    }

    /// Not the end of the tunnel: who no longer listens may have spoken before.
    private static boolean wrote(Tunnel server, byte[] piece, int count) {
        try {
            server.out().write(piece, 0, count);
            server.out().flush();
            return true;
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a server no longer listens");
            return false;
        }
    }

    private static void end(Thread pump) {
        try {
            pump.join(LINGER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
