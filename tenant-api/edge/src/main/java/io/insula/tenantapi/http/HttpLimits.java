package io.insula.tenantapi.http;

/// What one client, and all clients together, may make a server hold.
///
/// @param bodyBytes of one request; longer ones get 413
/// @param bodiesBytes of all requests being read or answered; a request beyond gets 429
/// @param streamBytes that wait in one streamed answer for its reader; one that leaves more is given up
/// @param connectionBytes that wait in all answers of one connection; a stream that adds more is given up, a new
///     request gets 429
/// @param waitingBytes that wait in all answers of all connections, likewise, for connections with more than
///     [#LITTLE_BYTES] of them
/// @param connections open at once; more are closed as they come
/// @param streams open at once on one h2 connection
/// @param resets h2 streams that a client may open and reset within 30 s before it loses the connection
public record HttpLimits(
        int bodyBytes,
        long bodiesBytes,
        long streamBytes,
        long connectionBytes,
        long waitingBytes,
        int connections,
        int streams,
        int resets) {

    /// What any connection may have waiting, whatever the others have.
    static final int LITTLE_BYTES = 256 * 1024;

    private static final int MIB = 1024 * 1024;

    HttpLimits withConnections(int most) {
        return new HttpLimits(
                bodyBytes, bodiesBytes, streamBytes, connectionBytes, waitingBytes, most, streams, resets);
    }

    static HttpLimits usual() {
        return new HttpLimits(
                HttpServerConfig.MAX_BODY_BYTES, 64L * MIB, 8L * MIB, 32L * MIB, 256L * MIB, 10_000, 1000, 1000);
    }
}
