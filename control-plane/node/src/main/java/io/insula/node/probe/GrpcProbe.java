package io.insula.node.probe;

import io.fabric8.kubernetes.api.model.GRPCAction;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.insula.grpc.health.v1.HealthCheckRequest;
import io.insula.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.insula.grpc.health.v1.HealthGrpc;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Asks by the protocol of gRPC for health, without encryption and without a proxy. Stateless.
///
/// Source: kubernetes, `pkg/probe/grpc/grpc.go`; grpc, "GRPC Health Checking Protocol".
final class GrpcProbe {

    private static final int LARGEST_ANSWER_BYTES = 64 << 10;

    private GrpcProbe() {}

    static ProbeResult ask(GRPCAction action, String address, Duration timeout) {
        var where = new InetSocketAddress(address, action.getPort());
        ManagedChannel channel = NettyChannelBuilder.forAddress(where)
                .usePlaintext()
                .proxyDetector(_ -> null)
                .userAgent(Probing.AGENT)
                .maxInboundMessageSize(LARGEST_ANSWER_BYTES)
                .build();
        try {
            String service = action.getService() == null ? "" : action.getService();
            ServingStatus status = HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
                    .check(HealthCheckRequest.newBuilder().setService(service).build())
                    .getStatus();
            return status == ServingStatus.SERVING
                    ? new ProbeResult.Success("")
                    : new ProbeResult.Failure("service unhealthy (responded with \"" + status + "\")");
        } catch (StatusRuntimeException e) {
            return new ProbeResult.Failure(said(e.getStatus(), where, timeout));
        } finally {
            channel.shutdownNow();
        }
    }

    private static String said(Status status, InetSocketAddress where, Duration timeout) {
        return switch (status.getCode()) {
            case UNIMPLEMENTED ->
                "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
                        + status.getDescription();
            case DEADLINE_EXCEEDED -> "timeout: health rpc did not complete within " + timeout.toSeconds() + "s";
            case UNAVAILABLE ->
                "error: failed to connect service at \"" + where.getHostString() + ":" + where.getPort() + "\": "
                        + status.getDescription();
            default -> "error: health rpc probe failed: " + status.getDescription();
        };
    }
}
