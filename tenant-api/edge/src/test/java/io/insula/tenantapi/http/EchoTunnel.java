package io.insula.tenantapi.http;

import io.insula.tenantapi.tunnel.Endings;
import io.insula.tenantapi.tunnel.Tunnel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.UncheckedIOException;

/// A server behind that repeats what it is told.
final class EchoTunnel implements Tunnel {

    private final PipedInputStream in = new PipedInputStream(64 * 1024);
    private final PipedOutputStream out;
    private final Endings endings = new Endings();

    EchoTunnel() {
        try {
            out = new PipedOutputStream(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
    public void onClose(Runnable action) {
        endings.add(action);
    }

    @Override
    public void close() {
        if (endings.end()) {
            try {
                out.close();
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
