package io.insula.tenantapi.http;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.tunnel.Tunnel;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Answers one request, once: by [#send], [#stream] or [#upgrade].
public interface HttpResponder {

    /// Sends a whole answer. The server adds `Content-Length`, `Date` and, where the client takes it and the body is
    /// 128 KiB or more, gzip. A HEAD request gets the headers alone.
    void send(int status, Map<String, List<String>> headers, byte[] body);

    /// Starts a streamed answer: the headers leave at once.
    BodyStream stream(int status, Map<String, List<String>> headers);

    /// Agrees to speak another protocol: answers 101 with these headers; from then on the connection is the caller's.
    /// Source: RFC 9110, section 7.8.
    ///
    /// @throws ApiException 400 where the client has not asked for it, or speaks h2, which knows no upgrades
    default Tunnel upgrade(Map<String, List<String>> headers) {
        throw ApiException.badRequest("unable to upgrade: this connection carries requests only");
    }

    /// The body of a streamed answer. Thread-safe.
    interface BodyStream extends AutoCloseable {

        /// Queues bytes (on a WebSocket: one message) and flushes. Never blocks.
        ///
        /// @return false when the peer is gone, or so slow that the server gave up on it: stop writing
        boolean write(byte[] chunk);

        /// Blocks while much is queued: for writers that have more to say than a queue may hold, on threads of their
        /// own.
        ///
        /// @return false when the stream has ended, or the peer did not take enough in time
        default boolean awaitRoom(Duration patience) throws InterruptedException {
            return true;
        }

        /// Runs `action` once when the stream ends for whatever reason; at once if it has ended. On a thread of its
        /// own: it may block.
        void onClose(Runnable action);

        /// Ends the body so that the peer sees that something is missing. Idempotent; nothing after [#close].
        default void abort() {
            close();
        }

        /// Ends the body cleanly. Idempotent.
        @Override
        void close();
    }
}
