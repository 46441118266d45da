package io.insula.it.bench;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/// One HTTP/1.1 connection over TLS that is kept alive, with nothing in it that a load driver does not need: what is
/// measured shall be the server, on the same cores. Not thread-safe.
final class HttpLane implements AutoCloseable {

    private static final int ERROR_BYTES = 2_000;

    /// Less than any server's patience with an idle connection.
    private static final long IDLE_NANOS = 5_000_000_000L;

    private final URI server;
    private final SSLSocketFactory tls;
    private final String host;
    private final byte[] buffer = new byte[64 * 1024];
    private @Nullable SSLSocket socket;
    private long usedNanos;
    private int position;
    private int filled;

    HttpLane(URI server, SSLSocketFactory tls) {
        this.server = server;
        this.tls = tls;
        host = server.getHost() + ":" + server.getPort();
    }

    /// The open connection; a new one where it has been idle so long that the server may be closing it.
    private SSLSocket open() throws IOException {
        SSLSocket known = socket;
        long now = System.nanoTime();
        if (known == null || now - usedNanos > IDLE_NANOS) {
            close();
            known = (SSLSocket) tls.createSocket(server.getHost(), server.getPort());
            socket = known;
            known.setTcpNoDelay(true);
            known.setSoTimeout(60_000);
            known.startHandshake();
            position = 0;
            filled = 0;
        }
        usedNanos = now;
        return known;
    }

    private void write(byte[] request) throws IOException {
        OutputStream out = open().getOutputStream();
        out.write(request);
        out.flush();
    }

    /// One request, encoded once for any number of uses.
    byte[] encoded(String method, String path, String moreHeaders, byte[] body) {
        byte[] head = (method + " " + path + " HTTP/1.1\r\nHost: " + host
                        + "\r\nAccept: application/json\r\nContent-Type: application/json\r\n" + moreHeaders
                        + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        return whole;
    }

    /// Sends an encoded request and reads its answer, whose bytes are thrown away.
    ///
    /// @return the body's length
    int exchange(byte[] request, int expected) throws IOException {
        write(request);
        return answer("a request", Set.of(expected), false).length();
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
        write(encoded(method, path, "", body));
        return answer(method + " " + path, expected, true).body();
    }

    /// @param body empty where it was thrown away
    private record Answer(int length, byte[] body) {}

    private Answer answer(String request, Set<Integer> expected, boolean keep) throws IOException {
        int code = Integer.parseInt(line().split(" ", 3)[1]);
        int length = 0;
        boolean chunked = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            char first = line.charAt(0);
            if (first == 'c' || first == 'C' || first == 't' || first == 'T') {
                String header = line.toLowerCase(Locale.ROOT);
                if (header.startsWith("content-length:")) {
                    length = Integer.parseInt(header.substring(15).strip());
                } else if (header.startsWith("transfer-encoding:")) {
                    chunked = header.contains("chunked");
                }
            }
        }
        boolean refused = !expected.contains(code);
        byte[] body = new byte[0];
        if (chunked) {
            body = chunks();
            length = body.length;
        } else if (keep || refused) {
            body = exactly(length);
        } else {
            skip(length);
        }
        if (refused) {
            throw new IOException(request + ": " + code + " (expected: " + expected + ") "
                    + new String(body, 0, Math.min(body.length, ERROR_BYTES), StandardCharsets.UTF_8));
        }
        return new Answer(length, body);
    }

    private byte[] chunks() throws IOException {
        var all = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            all.write(exactly(size));
            line();
        }
        line();
        return all.toByteArray();
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = new byte[length];
        for (int done = 0; done < length; ) {
            int some = available(length - done);
            System.arraycopy(buffer, position, bytes, done, some);
            position += some;
            done += some;
        }
        return bytes;
    }

    private void skip(int length) throws IOException {
        for (int left = length; left > 0; ) {
            int some = available(left);
            position += some;
            left -= some;
        }
    }

    private String line() throws IOException {
        var line = new StringBuilder(64);
        while (true) {
            int end = position + available(Integer.MAX_VALUE);
            for (int i = position; i < end; i++) {
                if (buffer[i] == '\n') {
                    line.append(new String(buffer, position, i - position, StandardCharsets.ISO_8859_1));
                    position = i + 1;
                    int length = line.length();
                    return length > 0 && line.charAt(length - 1) == '\r'
                            ? line.substring(0, length - 1)
                            : line.toString();
                }
            }
            line.append(new String(buffer, position, end - position, StandardCharsets.ISO_8859_1));
            position = end;
        }
    }

    /// How many of the wanted bytes are in the buffer now: at least one.
    private int available(int wanted) throws IOException {
        if (position == filled) {
            filled = Objects.requireNonNull(socket).getInputStream().read(buffer);
            position = 0;
            if (filled <= 0) {
                filled = 0;
                throw new EOFException("the server closed the connection in the middle of an answer");
            }
        }
        return Math.min(wanted, filled - position);
    }

    @Override
    public void close() throws IOException {
        if (socket != null) {
            socket.close();
        }
    }
}
