package io.insula.tenantapi.http;

import java.time.Duration;

/// How a server listens.
///
/// @param address the interface's IP address; nothing listens beyond loopback unless it says so
/// @param port 0 for any free one
/// @param drain how long a stopping server waits for running requests
public record HttpServerConfig(
        String address, int port, ServerTls tls, Duration drain, HttpLimits limits, HttpTimeouts timeouts) {

    /// Bodies longer than this are refused with 413. Source: kubernetes/apiserver, `MaxRequestBodyBytes`.
    public static final int MAX_BODY_BYTES = 3 * 1024 * 1024;

    /// With the usual limits and timeouts.
    public HttpServerConfig(String address, int port, ServerTls tls, Duration drain) {
        this(address, port, tls, drain, HttpLimits.usual(), HttpTimeouts.usual());
    }

    /// Loopback, any free port, 10 s to drain.
    public static HttpServerConfig loopback(ServerTls tls) {
        return new HttpServerConfig("127.0.0.1", 0, tls, Duration.ofSeconds(10));
    }

    public HttpServerConfig at(String newAddress, int newPort) {
        return new HttpServerConfig(newAddress, newPort, tls, drain, limits, timeouts);
    }

    HttpServerConfig with(HttpLimits others) {
        return new HttpServerConfig(address, port, tls, drain, others, timeouts);
    }

    HttpServerConfig with(HttpTimeouts others) {
        return new HttpServerConfig(address, port, tls, drain, limits, others);
    }
}
