package io.insula.tenantapi.http;

import java.util.List;
import java.util.Map;

/// Answers one request, once: either [#send] or [#stream].
public interface HttpResponder {

    /// Sends a whole answer. The server adds `Content-Length`, `Date` and, where the client takes it and the body is
    /// 128 KiB or more, gzip.
    void send(int status, Map<String, List<String>> headers, byte[] body);

    /// Starts a streamed answer: the headers leave at once.
    BodyStream stream(int status, Map<String, List<String>> headers);

    /// The body of a streamed answer. Thread-safe.
    interface BodyStream extends AutoCloseable {

        /// Queues bytes (on a WebSocket: one text message) and flushes. Never blocks.
        ///
        /// @return false when the peer is gone, or so slow that the server gave up on it: stop writing
        boolean write(byte[] chunk);

        /// Runs `action` once when the stream ends for whatever reason; at once if it has ended.
        void onClose(Runnable action);

        /// Ends the body cleanly. Idempotent.
        @Override
        void close();
    }
}
