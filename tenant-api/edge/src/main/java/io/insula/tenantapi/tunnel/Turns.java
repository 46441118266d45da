package io.insula.tenantapi.tunnel;

import java.util.concurrent.TimeUnit;

/// Lets a client's words wait while much of what the server said has not been read. A server that has said
/// all it wanted may hang up at once, as container runtimes do when a command ends, with megabytes on their
/// way; whatever arrives there then, be it a ping, resets the connection, and these megabytes are thrown
/// away. Thread-safe: guarded by itself.
///
/// Words wait but a moment: what interrupts a command that talks without end must arrive too.
final class Turns {

    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Tunnel server;
    private boolean ended;

    Turns(Tunnel server) {
        this.server = server;
    }

    /// Something that the server said has been read.
    synchronized void heard() {
        notifyAll();
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /// Blocks a moment where that helps.
    ///
    /// @return false when the server has hung up, or the tunnel has ended
    boolean mayTalk() {
        return hasHeardAll() || server.isHeard();
    }

    private synchronized boolean hasHeardAll() {
        long until = System.nanoTime() + MOMENT_NANOS;
        try {
            while (!ended && server.unread() > 0) {
                long left = until - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            return !ended;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
