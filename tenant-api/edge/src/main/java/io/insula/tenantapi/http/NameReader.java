package io.insula.tenantapi.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads which name a client asks for, and hands the connection to what answers by it.
@SuppressWarnings("FutureReturnValueIgnored") // a failed close ends the channel all the same
final class NameReader extends AbstractSniHandler<SharedPort.Named> {

    private static final Logger LOG = LoggerFactory.getLogger(NameReader.class);

    /// A ClientHello with post-quantum key shares has two thousand.
    private static final int HELLO_BYTES = 16 * 1024;

    private final ExecutorService lookups;
    private final Function<String, SharedPort.Named> sites;

    NameReader(ExecutorService lookups, Function<String, SharedPort.Named> sites) {
        super(HELLO_BYTES, HttpTimeouts.usual().handshake().toMillis());
        this.lookups = lookups;
        this.sites = sites;
    }

    @Override
    protected Future<SharedPort.Named> lookup(ChannelHandlerContext ctx, @Nullable String hostname) {
        Promise<SharedPort.Named> found = ctx.executor().newPromise();
        try {
            lookups.execute(() -> find(Objects.requireNonNullElse(hostname, ""), found));
        } catch (RejectedExecutionException e) {
            found.tryFailure(e);
        }
        return found;
    }

    private void find(String name, Promise<SharedPort.Named> found) {
        try {
            found.trySuccess(sites.apply(name));
        } catch (RuntimeException e) {
            found.tryFailure(e);
        }
    }

    @Override
    protected void onLookupComplete(ChannelHandlerContext ctx, String hostname, Future<SharedPort.Named> found) {
        if (found.isSuccess()) {
            found.getNow().take(ctx.channel());
            // what has been read goes to who handles TLS from now on
            ctx.pipeline().remove(this);
        } else {
            LOG.atWarn().setCause(found.cause()).log("a connection finds no site");
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.atDebug().setCause(cause).log("a connection names no site");
        ctx.close();
    }
}
