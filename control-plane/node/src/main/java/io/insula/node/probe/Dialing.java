package io.insula.node.probe;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.net.SocketTimeoutException;

/// Connections by TCP, with Go's words for what fails. Stateless.
final class Dialing {

    private Dialing() {}

    /// Without a time of its own: who closes the socket ends it.
    static void connect(Socket socket, String host, int port) throws IOException {
        connect(socket, host, port, 0);
    }

    /// @param millis 0 for no end
    static void connect(Socket socket, String host, int port, int millis) throws IOException {
        String called = "dial tcp " + (host.contains(":") ? "[" + host + "]" : host) + ":" + port + ": ";
        var address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException(called + "lookup " + host + ": no such host");
        }
        try {
            socket.connect(address, millis);
        } catch (SocketTimeoutException e) {
            throw new IOException(called + "i/o timeout", e);
        } catch (ConnectException e) {
            String why = String.valueOf(e.getMessage()).contains("refused") ? "connection refused" : e.getMessage();
            throw new IOException(called + "connect: " + why, e);
        } catch (NoRouteToHostException e) {
            throw new IOException(called + "connect: no route to host", e);
        }
    }
}
