package io.insula.node.containerd;

import io.grpc.ManagedChannel;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/// gRPC over a Unix socket. Java's own sockets, hence no native library. Stateless.
final class UnixChannel {

    /// What the kubelet takes from a runtime in one message.
    private static final int LARGEST_MESSAGE_BYTES = 16 << 20;

    private UnixChannel() {}

    static ManagedChannel to(Path socket) {
        var loop = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().name("insula-cri").daemon().factory(), NioIoHandler.newFactory());
        ManagedChannel channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .eventLoopGroup(loop)
                .channelFactory(NioDomainSocketChannel::new)
                .negotiationType(NegotiationType.PLAINTEXT)
                // Go's server refuses a path as the name of a host
                .overrideAuthority("localhost")
                .maxInboundMessageSize(LARGEST_MESSAGE_BYTES)
                .build();
        return new OwnedChannel(channel, loop);
    }
}
