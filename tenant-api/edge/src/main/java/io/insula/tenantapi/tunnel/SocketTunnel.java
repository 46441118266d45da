package io.insula.tenantapi.tunnel;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;

/// Over a socket that speaks, TLS or not. Thread-safe as sockets are.
final class SocketTunnel implements Tunnel {

    private final Socket wire;
    private final InputStream in;
    private final OutputStream out;
    private final Endings endings = new Endings();

    /// @param wire carries the TCP connection: closing it unblocks whoever reads or writes
    /// @param socket the same, or TLS over it
    /// @param in of `socket`, with what has been read ahead
    SocketTunnel(Socket wire, Socket socket, InputStream in) throws IOException {
        this.wire = wire;
        this.in = in;
        OutputStream raw = socket.getOutputStream();
        this.out = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                raw.write(octet);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                raw.write(bytes, offset, length);
            }

            @Override
            public void flush() throws IOException {
                raw.flush();
            }

            @Override
            public void close() throws IOException {
                socket.shutdownOutput();
            }
        };
    }

    @Override
    public InputStream in() {
        return in;
    }

    @Override
    public OutputStream out() {
        return out;
    }

    @Override
    public int unread() {
        try {
            return wire.getInputStream().available();
        } catch (IOException e) {
            // closed: nothing of it will be read
            return 0;
        }
    }

    @Override
    public boolean isHeard() {
        return !LocalPeers.hasHungUp(wire);
    }

    @Override
    public void onClose(Runnable action) {
        endings.add(action);
    }

    @Override
    public void close() {
        if (endings.end()) {
            try {
                wire.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
