package io.insula.tenantapi.tunnel;

import java.io.InputStream;
import java.io.OutputStream;

/// One end of a connection that carries bytes both ways. Thread-safe; one reader and one writer at a time.
public interface Tunnel extends AutoCloseable {

    /// What the peer says. A read blocks; it returns -1 once all has been read of a peer that has said that nothing
    /// follows, or that is gone, and throws an IOException once the tunnel is closed on this side.
    InputStream in();

    /// To the peer. A write blocks while much waits for it. Closing says that nothing follows. Few peers go on then:
    /// what is to end in one direction only says so within its own protocol.
    OutputStream out();

    /// How many bytes of the peer's are known to have arrived without having been read. Never blocks.
    default int unread() {
        return 0;
    }

    /// Whether the peer, as far as can be told, still listens: bytes for one that has hung up throw away what it said
    /// last. Never blocks.
    default boolean isHeard() {
        return true;
    }

    /// Runs `action` once when the tunnel has ended for whatever reason; at once if it has. On a thread of its own: it
    /// may block.
    void onClose(Runnable action);

    /// Ends both directions; what has been written is still sent where the peer takes it soon. Idempotent.
    @Override
    void close();
}
