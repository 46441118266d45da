package io.insula.tenantapi.http;

import java.time.Duration;

/// How long a client may take. Source of the lengths: kubernetes/apiserver, `secure_serving.go` (headers 32 s, idle
/// 90 s); the others are this server's.
///
/// @param handshake of TLS
/// @param header from connecting to the end of the first request's headers
/// @param body from the end of the headers to the end of the body
/// @param write for a whole answer to leave
/// @param idle with no request open, until the end of the next one's headers
public record HttpTimeouts(Duration handshake, Duration header, Duration body, Duration write, Duration idle) {

    static HttpTimeouts usual() {
        return new HttpTimeouts(
                Duration.ofSeconds(10),
                Duration.ofSeconds(32),
                Duration.ofSeconds(60),
                Duration.ofSeconds(120),
                Duration.ofSeconds(90));
    }
}
