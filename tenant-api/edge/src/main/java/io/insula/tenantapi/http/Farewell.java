package io.insula.tenantapi.http;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Ends a connection so that its peer still reads what was sent. A socket that is closed while bytes lie unread in it
/// (a window update, the peer's own goodbye) resets the connection, and what has not arrived yet is thrown away: so
/// we say that nothing follows, and read on until the peer leaves too, or for a moment. Source: RFC 9112, section 9.6.
///
/// An h2 client that was told to go away leaves when it has read its last answer: some fail that answer if the end of
/// the connection comes first, so they go first where they do.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, where we hear of it
final class Farewell {

    /// How long a peer may take to leave.
    static final Duration LINGER = Duration.ofSeconds(5);

    private static final Duration AFTER_GOAWAY = Duration.ofSeconds(1);

    private Farewell() {}

    /// Nothing may be written to `connection` (of TCP, not a stream of h2) after this.
    static void say(Channel connection) {
        say(connection, LINGER);
    }

    /// @param linger how long the peer may take to read what was sent, and to leave
    static void say(Channel connection, Duration linger) {
        connection.config().setAutoRead(true);
        after(linger, connection, connection::close);
        if (connection.pipeline().get(Http2FrameCodec.class) == null) {
            end(connection);
        } else {
            after(AFTER_GOAWAY, connection, () -> end(connection));
        }
    }

    private static void after(Duration time, Channel connection, Runnable step) {
        var later = connection.eventLoop().schedule(step, time.toMillis(), TimeUnit.MILLISECONDS);
        connection.closeFuture().addListener(_ -> later.cancel(false));
    }

    private static void end(Channel connection) {
        SslHandler tls = connection.pipeline().get(SslHandler.class);
        if (tls == null) {
            shutdownOutput(connection);
        } else {
            tls.closeOutbound().addListener(_ -> shutdownOutput(connection));
        }
    }

    /// Some clients wait for the end of TCP rather than of TLS.
    private static void shutdownOutput(Channel connection) {
        if (connection instanceof DuplexChannel socket) {
            socket.shutdownOutput();
        }
    }
}
