package io.insula.host.nodes;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.Deflater;

/// The client's side of SPDY/3.1, as much of it as kubelets and container runtimes speak for exec: streams with one
/// header each, data, ends. Flow control they do not have: who is slow is waited for by TCP. One reader; writers take
/// turns.
///
/// Source: the SPDY protocol, draft 3.1 (chromium.org).
final class SpdyClient {

    private static final int SYN_STREAM = 1;
    private static final int RST_STREAM = 3;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int FIN = 1;
    private static final int VERSION = 0x8003;
    private static final int CONTROL_HEAD_BYTES = 8;
    private static final int LONGEST_FRAME = 0xffffff;

    private final DataInputStream in;
    private final OutputStream out;
    /// One for all headers of a connection. Without the protocol's dictionary, which is the compressor's choice.
    private final Deflater deflater = new Deflater();
    private int lastStream = -1;

    SpdyClient(InputStream in, OutputStream out) {
        this.in = new DataInputStream(in);
        this.out = out;
    }

    /// What the server sent.
    ///
    /// @param isLast whether nothing follows on this stream
    record Data(int stream, byte[] bytes, boolean isLast) {}

    /// Opens a stream.
    ///
    /// @return its number
    synchronized int open(String header, String value) throws IOException {
        lastStream += 2;
        byte[] block = deflated(header, value);
        var frame = ByteBuffer.allocate(CONTROL_HEAD_BYTES + 10 + block.length);
        frame.putShort((short) VERSION).putShort((short) SYN_STREAM).putInt(10 + block.length);
        frame.putInt(lastStream).putInt(0).putShort((short) 0).put(block);
        send(frame.array());
        return lastStream;
    }

    private byte[] deflated(String header, String value) {
        byte[] name = header.getBytes(StandardCharsets.US_ASCII);
        byte[] text = value.getBytes(StandardCharsets.US_ASCII);
        var plain = ByteBuffer.allocate(12 + name.length + text.length);
        plain.putInt(1).putInt(name.length).put(name).putInt(text.length).put(text);
        deflater.setInput(plain.array());
        byte[] room = new byte[plain.capacity() * 2 + 64];
        int length = deflater.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
        return Arrays.copyOf(room, length);
    }

    /// @param isLast says that nothing follows on this stream
    synchronized void data(int stream, byte[] bytes, int offset, int length, boolean isLast) throws IOException {
        var frame = ByteBuffer.allocate(CONTROL_HEAD_BYTES + length);
        frame.putInt(stream).putInt((isLast ? (FIN << 24) : 0) | length).put(bytes, offset, length);
        send(frame.array());
    }

    /// What comes next; pings are answered meanwhile.
    ///
    /// @return empty when the server has ended the connection
    Optional<Data> next() throws IOException {
        while (true) {
            int first = in.read();
            if (first < 0) {
                return Optional.empty();
            }
            int word = (first << 24) | (in.readUnsignedByte() << 16) | in.readUnsignedShort();
            int flagsAndLength = in.readInt();
            byte[] payload = in.readNBytes(flagsAndLength & LONGEST_FRAME);
            if (payload.length < (flagsAndLength & LONGEST_FRAME)) {
                throw new EOFException("the server hung up within a frame");
            }
            boolean isLast = ((flagsAndLength >>> 24) & FIN) != 0;
            if (word >= 0) {
                return Optional.of(new Data(word, payload, isLast));
            }
            switch (word & 0xffff) {
                case PING -> pong(payload);
                case GOAWAY -> {
                    return Optional.empty();
                }
                case RST_STREAM -> {
                    if (payload.length >= 4) {
                        return Optional.of(new Data(ByteBuffer.wrap(payload).getInt(), new byte[0], true));
                    }
                }
                // replies, settings, window updates: nothing hangs on them
                default -> {}
            }
        }
    }

    private synchronized void pong(byte[] payload) throws IOException {
        var frame = ByteBuffer.allocate(CONTROL_HEAD_BYTES + payload.length);
        frame.putShort((short) VERSION)
                .putShort((short) PING)
                .putInt(payload.length)
                .put(payload);
        send(frame.array());
    }

    private void send(byte[] frame) throws IOException {
        out.write(frame);
        out.flush();
    }

    synchronized void release() {
        deflater.end();
    }
}
