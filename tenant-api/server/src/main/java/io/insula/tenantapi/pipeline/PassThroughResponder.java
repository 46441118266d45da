package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.tunnel.Tunnel;
import java.util.List;
import java.util.Map;

/// Gives a passed-through answer the common headers and its audit events, and ends it when its user may not have it
/// any more.
final class PassThroughResponder implements HttpResponder {

    private final Exchange exchange;
    private final StandingPermissions permissions;

    PassThroughResponder(Exchange exchange, StandingPermissions permissions) {
        this.exchange = exchange;
        this.permissions = permissions;
    }

    @Override
    public void send(int status, Map<String, List<String>> headers, byte[] body) {
        exchange.send(status, "", body, headers);
    }

    @Override
    public BodyStream stream(int status, Map<String, List<String>> headers) {
        BodyStream stream = exchange.stream(status, headers);
        stream.onClose(() -> exchange.streamEnded(status));
        stream.onClose(permissions.follow(exchange, stream::abort));
        return stream;
    }

    @Override
    public Tunnel upgrade(Map<String, List<String>> headers) {
        Tunnel tunnel = exchange.upgrade(headers);
        tunnel.onClose(() -> exchange.streamEnded(Exchange.SWITCHING));
        tunnel.onClose(permissions.follow(exchange, tunnel::close));
        return tunnel;
    }
}
