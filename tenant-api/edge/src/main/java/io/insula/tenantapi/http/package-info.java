/// The HTTP edge: one TLS port speaking HTTP/1.1, h2 and WebSocket, turned into [HttpRequest] and [HttpResponder].
///
/// [HttpServer] owns the port; it runs on event loops that the caller shares among servers, so an idle server holds no
/// thread. Handlers run on virtual threads and may block; writes to a response never block. Client certificates are
/// asked for, never demanded: TLS takes any, and only a chain that verifies against the client authorities reaches the
/// handler, so that an unknown certificate ends as 401 and not as a broken handshake.
///
/// What a client can make the server hold is bounded by [HttpLimits], how long by [HttpTimeouts]. What is
/// audited starts behind this package: malformed or oversized requests are answered here.
@NullMarked
package io.insula.tenantapi.http;

import org.jspecify.annotations.NullMarked;
