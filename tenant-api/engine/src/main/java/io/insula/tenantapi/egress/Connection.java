package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A TLS connection on which one request is made after another. Blocking, used by one thread at a time; only [#close]
/// may come from any.
///
/// Netty's codec makes and reads the messages; it has no event loop here and is fed by whoever reads.
final class Connection implements AutoCloseable {

    private static final int PIECE_BYTES = 16 * 1024;

    /// How long an idle connection is listened to for its end.
    private static final int PEEK_MILLIS = 1;

    private final Socket plain = new Socket(Proxy.NO_PROXY);
    private final EmbeddedChannel codec = new EmbeddedChannel(new HttpClientCodec());
    private final IpAddress address;
    private @Nullable SSLSocket socket;
    private boolean ended;

    /// Not connected yet, so that it can be closed while it is being.
    Connection(IpAddress address) {
        this.address = address;
    }

    IpAddress address() {
        return address;
    }

    /// @param name that the server is asked for; not sent where it is an address
    /// @throws ConnectException where nobody answers there
    /// @throws IOException also when closed meanwhile
    void open(int port, String name, SSLContext tls, Duration patience) throws IOException {
        plain.setTcpNoDelay(true);
        connect(port, patience);
        var secure = (SSLSocket) tls.getSocketFactory().createSocket(plain, name, port, true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setServerNames(
                IpAddress.parse(name).isPresent() ? List.of() : List.of(new SNIHostName(withoutDot(name))));
        secure.setSSLParameters(parameters);
        secure.startHandshake();
        socket = secure;
    }

    private void connect(int port, Duration patience) throws ConnectException {
        try {
            // an address: nothing is looked up
            var there = new InetSocketAddress(InetAddress.getByAddress(address.bytes()), port);
            plain.connect(there, Math.clamp(patience.toMillis(), 1, Integer.MAX_VALUE));
        } catch (IOException e) {
            var failure = new ConnectException(String.valueOf(e.getMessage()));
            failure.initCause(e);
            throw failure;
        }
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    void send(OutgoingRequest request) throws IOException {
        var message = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(request.method()),
                target(request),
                Unpooled.wrappedBuffer(request.body()));
        request.headers().forEach((name, values) -> message.headers().add(name, values));
        message.headers().set(HttpHeaderNames.HOST, authority(request));
        if (request.body().length > 0
                || request.method().equals("POST")
                || request.method().equals("PUT")) {
            message.headers().set(HttpHeaderNames.CONTENT_LENGTH, request.body().length);
        }
        codec.writeOutbound(message);
        OutputStream out = secure().getOutputStream();
        for (ByteBuf piece = codec.readOutbound(); piece != null; piece = codec.readOutbound()) {
            try {
                piece.readBytes(out, piece.readableBytes());
            } finally {
                piece.release();
            }
        }
        out.flush();
    }

    private static String target(OutgoingRequest request) {
        String path = request.url().getRawPath();
        String query = request.url().getRawQuery();
        return (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
    }

    private static String authority(OutgoingRequest request) {
        int port = request.url().getPort();
        return request.url().getHost() + (port < 0 ? "" : ":" + port);
    }

    /// The head of the answer, past all interim ones.
    HttpResponse head() throws IOException {
        for (HttpObject next = next(); next != null; next = next()) {
            if (next instanceof HttpResponse response && response.status().code() / 100 != 1) {
                return response;
            }
            ReferenceCountUtil.release(next);
        }
        throw new IOException("EOF");
    }

    /// The next part of the answer; null where the other side has ended the connection and, thereby, the answer.
    @Nullable
    HttpObject next() throws IOException {
        while (true) {
            HttpObject decoded = codec.readInbound();
            if (decoded != null) {
                return wellFormed(decoded);
            }
            if (ended) {
                return null;
            }
            InputStream in = secure().getInputStream();
            // a new one each time: the codec keeps what it was given until a message is whole
            byte[] piece = new byte[PIECE_BYTES];
            int count = in.read(piece);
            try {
                if (count < 0) {
                    ended = true;
                    codec.finish();
                } else {
                    codec.writeInbound(Unpooled.wrappedBuffer(piece, 0, count));
                    codec.runPendingTasks();
                }
            } catch (RuntimeException e) {
                throw new IOException("malformed HTTP response: " + e.getMessage(), e);
            }
        }
    }

    private static HttpObject wellFormed(HttpObject decoded) throws IOException {
        DecoderResult result = decoded.decoderResult();
        if (result.isFailure()) {
            ReferenceCountUtil.release(decoded);
            throw new IOException("malformed HTTP response: " + result.cause().getMessage(), result.cause());
        }
        return decoded;
    }

    /// Whether another request can be made after an answer that has been read to its end.
    boolean staysOpen(HttpResponse head) {
        return !ended && codec.inboundMessages().isEmpty() && HttpUtil.isKeepAlive(head);
    }

    /// Whether the other side has neither ended it nor said anything unasked.
    boolean isQuiet() {
        try {
            SSLSocket open = secure();
            open.setSoTimeout(PEEK_MILLIS);
            int _ = open.getInputStream().read();
            return false;
        } catch (SocketTimeoutException e) {
            try {
                plain.setSoTimeout(0);
                return true;
            } catch (IOException _) {
                return false;
            }
        } catch (IOException e) {
            return false;
        }
    }

    private SSLSocket secure() throws IOException {
        SSLSocket open = socket;
        if (open == null) {
            throw new IOException("not connected");
        }
        return open;
    }

    /// At once: whoever reads or writes is thrown out.
    @Override
    public void close() {
        try {
            plain.close();
        } catch (IOException _) {
            // it is gone either way
        }
    }
}
