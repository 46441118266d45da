package io.insula.tenantapi.http;

import io.insula.tenantapi.tunnel.Endings;
import io.insula.tenantapi.tunnel.PieceInput;
import io.insula.tenantapi.tunnel.PieceOutput;
import io.insula.tenantapi.tunnel.Tunnel;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/// A client's connection after its upgrade; whoever asked for it closes it. What waits in either direction is
/// bounded: who writes waits, and a client whose bytes nobody reads is not read. Thread-safe: guarded by
/// itself.
@SuppressWarnings("FutureReturnValueIgnored") // a failed write or close ends the channel, where we hear of it
final class ClientTunnel extends ChannelInboundHandlerAdapter implements Tunnel {

    /// In each direction; what a connection may always have waiting.
    private static final int WAITING_BYTES = HttpLimits.LITTLE_BYTES / 2;

    private static final int PIECE_BYTES = 32 * 1024;

    /// A slow client may still have megabytes to read when the other side has ended, and talks on meanwhile (kubectl
    /// pings each 5 s): a socket that is closed by then resets the connection, and what it had not read is lost.
    private static final Duration LINGER = Duration.ofMinutes(1);

    private final Channel channel;
    private final Connection connection;
    private final Runnable left;
    private final Endings endings = new Endings();
    private final Queue<ByteBuf> read = new ArrayDeque<>();
    private int readBytes;
    private int waitingBytes;
    private boolean saidAll;
    private boolean toldAll;
    private boolean closed;

    /// @param left called when nothing more will be sent, or can be
    ClientTunnel(Channel channel, Connection connection, Runnable left) {
        this.channel = channel;
        this.connection = connection;
        this.left = left;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf bytes)) {
            ReferenceCountUtil.release(message);
            return;
        }
        synchronized (this) {
            if (closed || saidAll || !bytes.isReadable()) {
                bytes.release();
                return;
            }
            read.add(bytes);
            readBytes += bytes.readableBytes();
            if (readBytes >= WAITING_BYTES) {
                channel.config().setAutoRead(false);
            }
            notifyAll();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof SslCloseCompletionEvent) {
            synchronized (this) {
                saidAll = true;
                notifyAll();
            }
        }
        super.userEventTriggered(ctx, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        gone();
        super.channelInactive(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void gone() {
        synchronized (this) {
            saidAll = true;
            toldAll = true;
            notifyAll();
        }
        ended();
    }

    private void ended() {
        if (endings.end()) {
            left.run();
        }
    }

    @Override
    public void onClose(Runnable action) {
        endings.add(action);
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            read.forEach(ByteBuf::release);
            read.clear();
            readBytes = 0;
            notifyAll();
        }
        ended();
        // after what has been written
        channel.eventLoop().execute(() -> {
            if (channel.isActive()) {
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> Farewell.say(channel, LINGER));
            }
        });
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
        synchronized (this) {
            waitWhile(() -> read.isEmpty() && !saidAll && !closed);
            if (closed) {
                throw new IOException("the connection is closed");
            }
            if (read.isEmpty()) {
                return -1;
            }
            ByteBuf first = read.element();
            int count = Math.min(length, first.readableBytes());
            first.readBytes(into, offset, count);
            if (!first.isReadable()) {
                read.remove().release();
            }
            readBytes -= count;
            if (readBytes < WAITING_BYTES / 2 && !channel.config().isAutoRead()) {
                channel.config().setAutoRead(true);
            }
            return count;
        }
    }

    @Override
    public OutputStream out() {
        return new PieceOutput() {
            @Override
            protected void give(byte[] bytes, int offset, int length) throws IOException {
                for (int done = 0; done < length; ) {
                    int count = Math.min(PIECE_BYTES, length - done);
                    put(Unpooled.copiedBuffer(bytes, offset + done, count));
                    done += count;
                }
            }

            @Override
            public void close() {
                sayNothingMore();
            }
        };
    }

    private void put(ByteBuf piece) throws IOException {
        int length = piece.readableBytes();
        synchronized (this) {
            waitWhile(() -> waitingBytes >= WAITING_BYTES && !toldAll && !closed);
            if (toldAll || closed) {
                piece.release();
                throw new IOException("the connection is closed");
            }
            waitingBytes += length;
        }
        connection.waiting(length);
        channel.writeAndFlush(piece).addListener((ChannelFutureListener) written -> {
            connection.waiting(-length);
            synchronized (this) {
                waitingBytes -= length;
                notifyAll();
            }
            if (!written.isSuccess()) {
                channel.close();
            }
        });
    }

    private void sayNothingMore() {
        synchronized (this) {
            if (toldAll) {
                return;
            }
            toldAll = true;
        }
        channel.eventLoop().execute(() -> {
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls != null) {
                tls.closeOutbound();
            }
        });
    }

    /// Under the lock.
    private synchronized void waitWhile(BooleanSupplier condition) throws InterruptedIOException {
        try {
            while (condition.getAsBoolean()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
