package io.insula.node.server;

import io.insula.tenantapi.http.HttpServerConfig;
import io.insula.tenantapi.http.ServerTls;
import java.time.Duration;

/// Where and as whom a node serves.
///
/// @param address the interface's
/// @param port 0 for any free one; the Node's `status.daemonEndpoints` says which
/// @param tls its certificate must be for the node's address; `clientAuthorities` are those of the API server's
///     client certificate
public record NodeServing(String address, int port, ServerTls tls) {

    private static final Duration DRAIN = Duration.ofSeconds(2);

    HttpServerConfig http() {
        return new HttpServerConfig(address, port, tls, DRAIN);
    }
}
