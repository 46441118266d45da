package io.insula.tenantapi.tunnel;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The server's side of a WebSocket over a tunnel. One reader; writers take turns. Source: RFC 6455.
public final class WebSocketMessages {

    public static final int NORMAL = 1000;

    private static final int PROTOCOL_ERROR = 1002;
    private static final int TOO_BIG = 1009;
    private static final int LONGEST_MESSAGE = 4 * 1024 * 1024;
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private final DataInputStream in;
    private final OutputStream out;
    private boolean closed;

    /// @param tunnel stays the caller's
    public WebSocketMessages(Tunnel tunnel) {
        in = new DataInputStream(tunnel.in());
        out = tunnel.out();
    }

    /// What a 101 says to a client that has asked for it.
    ///
    /// @param key its `Sec-WebSocket-Key`
    /// @param protocol one of those it offered
    public static Map<String, List<String>> agreement(String key, String protocol) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII));
            var headers = new LinkedHashMap<String, List<String>>();
            headers.put("Upgrade", List.of("websocket"));
            headers.put("Connection", List.of("Upgrade"));
            headers.put("Sec-WebSocket-Accept", List.of(Base64.getEncoder().encodeToString(digest)));
            headers.put("Sec-WebSocket-Protocol", List.of(protocol));
            return headers;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    /// The next message, whole; pings are answered meanwhile.
    ///
    /// @return empty when the client has closed, or is gone
    /// @throws IOException also when the client breaks the protocol; it has been told then
    public Optional<byte[]> next() throws IOException {
        var message = new ByteArrayOutputStream();
        boolean begun = false;
        while (true) {
            int first = in.read();
            if (first < 0) {
                return Optional.empty();
            }
            Frame frame = frame(first);
            switch (frame.code()) {
                case CLOSE -> {
                    close(NORMAL);
                    return Optional.empty();
                }
                case PING -> send(PONG, frame.payload(), 0, frame.payload().length);
                case PONG -> {}
                case TEXT, BINARY, CONTINUATION -> {
                    if (begun != (frame.code() == CONTINUATION)) {
                        throw broken(PROTOCOL_ERROR, "a message within a message");
                    }
                    begun = true;
                    if (message.size() + frame.payload().length > LONGEST_MESSAGE) {
                        throw broken(TOO_BIG, "a message too long");
                    }
                    message.write(frame.payload());
                    if (frame.isLast()) {
                        return Optional.of(message.toByteArray());
                    }
                }
                default -> throw broken(PROTOCOL_ERROR, "a frame of an unknown kind");
            }
        }
    }

    private record Frame(int code, boolean isLast, byte[] payload) {}

    private Frame frame(int first) throws IOException {
        int second = in.readUnsignedByte();
        if ((first & 0x70) != 0 || (second & 0x80) == 0) {
            throw broken(PROTOCOL_ERROR, "a frame with reserved bits, or not masked");
        }
        long length = second & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        boolean control = (first & 0x08) != 0;
        if (control && (length > 125 || (first & 0x80) == 0)) {
            throw broken(PROTOCOL_ERROR, "a control frame that is long or in parts");
        }
        if (length < 0 || length > LONGEST_MESSAGE) {
            throw broken(TOO_BIG, "a frame too long");
        }
        byte[] mask = in.readNBytes(4);
        byte[] payload = in.readNBytes((int) length);
        if (mask.length < 4 || payload.length < length) {
            throw new EOFException("the client hung up within a frame");
        }
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i & 3];
        }
        return new Frame(first & 0x0f, (first & 0x80) != 0, payload);
    }

    private IOException broken(int code, String what) throws IOException {
        close(code);
        return new IOException("the client sent " + what);
    }

    /// One binary message.
    public void send(byte[] bytes, int offset, int length) throws IOException {
        send(BINARY, bytes, offset, length);
    }

    private synchronized void send(int code, byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("the WebSocket is closed");
        }
        var frame = ByteBuffer.allocate(10 + length);
        frame.put((byte) (0x80 | code));
        if (length < 126) {
            frame.put((byte) length);
        } else if (length < 65536) {
            frame.put((byte) 126).putShort((short) length);
        } else {
            frame.put((byte) 127).putLong(length);
        }
        frame.put(bytes, offset, length);
        out.write(frame.array(), 0, frame.position());
        out.flush();
    }

    /// Says that nothing follows, and why. Idempotent.
    public synchronized void close(int code) throws IOException {
        if (!closed) {
            send(CLOSE, new byte[] {(byte) (code >> 8), (byte) code}, 0, 2);
            closed = true;
        }
    }
}
