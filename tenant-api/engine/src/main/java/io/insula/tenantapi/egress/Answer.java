package io.insula.tenantapi.egress;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An answer whose head has come. Its body is read once, by one thread, as it comes; whoever does not read it to its
/// end closes it, from any thread, which ends the connection.
public final class Answer implements AutoCloseable {

    private final Connection connection;
    private final HttpResponse head;
    private final Consumer<Connection> done;
    private final Map<String, List<String>> headers;
    private final InputStream body = new Body();

    /// Whether the connection is another's, or closed.
    private final AtomicBoolean over = new AtomicBoolean();

    /// @param done takes the connection when the answer has been read and it can be used again
    Answer(Connection connection, HttpResponse head, Consumer<Connection> done) {
        this.connection = connection;
        this.head = head;
        this.done = done;
        var all = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        head.headers()
                .forEach(each -> all.computeIfAbsent(each.getKey(), _ -> new ArrayList<>())
                        .add(each.getValue()));
        headers = Collections.unmodifiableMap(all);
    }

    public int status() {
        return head.status().code();
    }

    /// By name, whatever its capitals.
    public Map<String, List<String>> headers() {
        return headers;
    }

    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /// Empty where the answer does not say.
    public OptionalLong length() {
        try {
            return header("content-length").isPresent()
                    ? OptionalLong.of(
                            Long.parseUnsignedLong(header("content-length").orElseThrow()))
                    : OptionalLong.empty();
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /// Ends where the answer does; an answer that ends early is an IOException.
    public InputStream body() {
        return body;
    }

    /// The rest of the body.
    ///
    /// @throws IOException also when it is longer than that
    public byte[] whole(int limitBytes) throws IOException {
        byte[] read = body.readNBytes(limitBytes);
        if (body.read() >= 0) {
            throw new IOException("the answer is longer than " + limitBytes + " bytes");
        }
        return read;
    }

    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            connection.close();
        }
    }

    /// Confined to who reads, but for `close`.
    private final class Body extends InputStream {
        private @Nullable ByteBuf piece;
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (true) {
                ByteBuf known = piece;
                if (known != null && known.isReadable()) {
                    int count = Math.min(length, known.readableBytes());
                    known.readBytes(into, offset, count);
                    return count;
                }
                if (ended) {
                    return -1;
                }
                take(connection.next());
            }
        }

        private void take(@Nullable HttpObject next) throws IOException {
            ByteBuf old = piece;
            piece = null;
            if (old != null) {
                old.release();
            }
            if (next == null) {
                Answer.this.close();
                throw new EOFException("unexpected EOF");
            }
            if (next instanceof HttpContent content) {
                piece = content.content();
            }
            if (next instanceof LastHttpContent) {
                ended = true;
                if (!connection.staysOpen(head)) {
                    Answer.this.close();
                } else if (over.compareAndSet(false, true)) {
                    done.accept(connection);
                }
            }
        }

        @Override
        public void close() {
            Answer.this.close();
        }
    }
}
