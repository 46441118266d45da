/// The HTTP edge: one TLS port speaking HTTP/1.1, h2 and WebSocket, turned into [HttpRequest] and [HttpResponder].
///
/// Handlers run on virtual threads and may block; writes to a response never block.
@NullMarked
package io.insula.tenantapi.http;

import org.jspecify.annotations.NullMarked;
