package io.insula.tenantapi.tunnel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/// Bytes as the messages of a WebSocket: where one message ends means nothing. Thread-safe as the tunnel below.
public final class WebSocketTunnel implements Tunnel {

    private final Tunnel below;
    private final WebSocketMessages messages;
    private byte[] read = {};
    private int taken;

    public WebSocketTunnel(Tunnel below) {
        this.below = below;
        this.messages = new WebSocketMessages(below);
    }

    @Override
    public InputStream in() {
        return new PieceInput() {
            @Override
            protected int take(byte[] into, int offset, int length) throws IOException {
                return taken(into, offset, length);
            }
        };
    }

    private int taken(byte[] into, int offset, int length) throws IOException {
        while (taken == read.length) {
            Optional<byte[]> next = messages.next();
            if (next.isEmpty()) {
                return -1;
            }
            read = next.get();
            taken = 0;
        }
        int count = Math.min(length, read.length - taken);
        System.arraycopy(read, taken, into, offset, count);
        taken += count;
        return count;
    }

    @Override
    public OutputStream out() {
        return new PieceOutput() {
            @Override
            protected void give(byte[] bytes, int offset, int length) throws IOException {
                messages.send(bytes, offset, length);
            }

            @Override
            public void close() throws IOException {
                messages.close(WebSocketMessages.NORMAL);
            }
        };
    }

    @Override
    public void onClose(Runnable action) {
        below.onClose(action);
    }

    @Override
    public void close() {
        try {
            messages.close(WebSocketMessages.NORMAL);
        } catch (IOException e) {
            // gone already: there is nobody to tell
        } finally {
            below.close();
        }
    }
}
