package io.insula.tenantapi.storage.etcd;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.insula.tenantapi.storage.StorageException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;

/// The connection of one store. Thread-safe.
final class EtcdChannel {

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ManagedChannel channel;
    private final AtomicLong lastNudge = new AtomicLong(System.nanoTime() - RETRY_NANOS);

    EtcdChannel(EtcdConfig config) {
        String first = config.endpoints().getFirst();
        boolean several = config.endpoints().size() > 1;
        // jetcd's resolver takes a list; gRPC's own one asks DNS again when members move
        String target = several ? "ip:///" + String.join(",", config.endpoints()) : "dns:///" + first;
        var builder = NettyChannelBuilder.forTarget(target)
                .defaultLoadBalancingPolicy("round_robin")
                .maxInboundMessageSize(Integer.MAX_VALUE)
                .idleTimeout(5, TimeUnit.MINUTES)
                .keepAliveTime(30, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .disableRetry();
        if (several) {
            builder.overrideAuthority(first);
        }
        EtcdConfig.Tls tls = config.tls();
        if (tls == null) {
            builder.usePlaintext();
        } else {
            builder.sslContext(sslContext(tls));
        }
        this.channel = builder.build();
    }

    /// The channel to make a call on. Where connecting failed, gRPC waits up to two minutes before the next
    /// attempt: far too long for an etcd that restarts in one second.
    ManagedChannel ready() {
        long now = System.nanoTime();
        long last = lastNudge.get();
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE
                && now - last >= RETRY_NANOS
                && lastNudge.compareAndSet(last, now)) {
            channel.resetConnectBackoff();
        }
        return channel;
    }

    void close() {
        channel.shutdownNow();
    }

    private static SslContext sslContext(EtcdConfig.Tls tls) {
        try {
            SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK);
            return switch (tls) {
                case EtcdConfig.FileTls(var ca, var certificate, var key) ->
                    builder.trustManager(ca.toFile())
                            .keyManager(certificate.toFile(), key.toFile())
                            .build();
                case EtcdConfig.HeldTls(var ca, var certificate, var key) ->
                    builder.trustManager(ca).keyManager(key, certificate).build();
            };
        } catch (SSLException | IllegalArgumentException e) {
            throw new StorageException.Unavailable("TLS material of etcd: " + tls, e);
        }
    }
}
