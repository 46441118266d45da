package io.insula.it.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// One HTTP/1.1 connection over TLS that is kept alive, with nothing in it that a load driver does not need: what is
/// measured shall be the server, on the same cores. Not thread-safe.
final class HttpLane implements AutoCloseable {

    private final String host;
    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;

    HttpLane(URI server, SSLSocketFactory tls) throws IOException {
        host = server.getHost() + ":" + server.getPort();
        socket = (SSLSocket) tls.createSocket(server.getHost(), server.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(60_000);
        socket.startHandshake();
        in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        out = socket.getOutputStream();
    }

    byte[] get(String path) throws IOException {
        return send("GET", path, new byte[0], Set.of(200));
    }

    byte[] post(String path, byte[] body) throws IOException {
        return send("POST", path, body, Set.of(201));
    }

    void postUnlessThere(String path, byte[] body) throws IOException {
        send("POST", path, body, Set.of(201, 409));
    }

    byte[] delete(String path) throws IOException {
        return send("DELETE", path, new byte[0], Set.of(200));
    }

    /// @throws IOException when the answer has another code than those expected
    private byte[] send(String method, String path, byte[] body, Set<Integer> expected) throws IOException {
        String head = method + " " + path + " HTTP/1.1\r\nHost: " + host
                + "\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: " + body.length
                + "\r\n\r\n";
        byte[] bytes = new byte[head.length() + body.length];
        byte[] headBytes = head.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(headBytes, 0, bytes, 0, headBytes.length);
        System.arraycopy(body, 0, bytes, headBytes.length, body.length);
        out.write(bytes);
        out.flush();
        return answer(method + " " + path, expected);
    }

    private byte[] answer(String request, Set<Integer> expected) throws IOException {
        int code = Integer.parseInt(line().split(" ", 3)[1]);
        int length = 0;
        boolean chunked = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            } else if (header.startsWith("transfer-encoding:")) {
                chunked = header.contains("chunked");
            }
        }
        byte[] body = chunked ? chunks() : exactly(length);
        if (!expected.contains(code)) {
            throw new IOException(request + ": " + code + " (expected: " + expected + ") "
                    + new String(body, StandardCharsets.UTF_8));
        }
        return body;
    }

    private byte[] chunks() throws IOException {
        var all = new java.io.ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            all.write(exactly(size));
            line();
        }
        line();
        return all.toByteArray();
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the server closed the connection in the middle of an answer");
        }
        return bytes;
    }

    private String line() throws IOException {
        var line = new StringBuilder(64);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
