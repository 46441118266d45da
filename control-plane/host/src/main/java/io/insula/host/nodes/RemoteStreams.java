package io.insula.host.nodes;

import io.insula.tenantapi.tunnel.Tunnel;
import io.insula.tenantapi.tunnel.WebSocketMessages;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The streams of one process: channels of a WebSocket on the client's side, streams of SPDY on the node's. Confined to
/// its two threads: one for each direction.
///
/// Source: kubernetes/client-go, `tools/remotecommand/websocket.go` and `v4.go`.
final class RemoteStreams {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteStreams.class);

    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int STDERR = 2;
    private static final int ERROR = 3;
    private static final int RESIZE = 4;
    /// Followed by the channel on which nothing more comes.
    private static final int CLOSE = 255;

    private final WebSocketMessages client;
    private final SpdyClient server;
    private final Map<Integer, Integer> streams = new HashMap<>();
    private final Map<Integer, Integer> channels = new HashMap<>();

    /// Which streams a request is for, beside the one for errors.
    record Wanted(boolean stdin, boolean stdout, boolean stderr, boolean tty) {}

    private RemoteStreams(WebSocketMessages client, SpdyClient server) {
        this.client = client;
        this.server = server;
    }

    /// Returns when the process has ended, or the client is gone; both tunnels are closed then.
    static void join(Tunnel client, Tunnel server, Wanted wanted) {
        var spdy = new SpdyClient(server.in(), server.out());
        client.onClose(server::close);
        try (client;
                server) {
            var messages = new WebSocketMessages(client);
            var joined = new RemoteStreams(messages, spdy);
            joined.open(wanted);
            Thread.ofVirtual().name("exec-to-node").start(() -> joined.toNode(client, server));
            joined.toClient();
            messages.close(WebSocketMessages.NORMAL);
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("the streams of a process were cut");
        } finally {
            spdy.release();
        }
    }

    /// In the order in which clients do.
    private void open(Wanted wanted) throws IOException {
        open(ERROR, "error");
        if (wanted.stdin()) {
            open(STDIN, "stdin");
        }
        if (wanted.stdout()) {
            open(STDOUT, "stdout");
        }
        if (wanted.stderr() && !wanted.tty()) {
            open(STDERR, "stderr");
        }
        if (wanted.tty()) {
            open(RESIZE, "resize");
        }
    }

    private void open(int channel, String type) throws IOException {
        int stream = server.open("streamtype", type);
        streams.put(channel, stream);
        channels.put(stream, channel);
    }

    private void toClient() throws IOException {
        for (var next = server.next(); next.isPresent(); next = server.next()) {
            Integer channel = channels.get(next.get().stream());
            byte[] bytes = next.get().bytes();
            if (channel != null && bytes.length > 0) {
                byte[] message = new byte[bytes.length + 1];
                message[0] = channel.byteValue();
                System.arraycopy(bytes, 0, message, 1, bytes.length);
                client.send(message, 0, message.length);
            }
        }
    }

    private void toNode(Tunnel clientTunnel, Tunnel serverTunnel) {
        try {
            for (var next = client.next(); next.isPresent(); next = client.next()) {
                pass(next.get());
            }
        } catch (IOException e) {
            LOG.atDebug().setCause(e).log("a client of a process was cut");
        }
        clientTunnel.close();
        serverTunnel.close();
    }

    private void pass(byte[] message) throws IOException {
        if (message.length == 0) {
            return;
        }
        int channel = message[0] & 0xff;
        if (channel == CLOSE) {
            if (message.length == 2) {
                end(message[1] & 0xff);
            }
        } else if (channel == STDIN || channel == RESIZE) {
            Optional<Integer> stream = Optional.ofNullable(streams.get(channel));
            if (stream.isPresent()) {
                server.data(stream.get(), message, 1, message.length - 1, false);
            }
        }
    }

    private void end(int channel) throws IOException {
        Integer stream = channel == STDIN ? streams.remove(channel) : null;
        if (stream != null) {
            server.data(stream, new byte[0], 0, 0, true);
        }
    }
}
