/// From an HTTP request to an answer, in upstream's order: audit, authentication, impersonation, authorization,
/// handler.
///
/// [RequestPipeline] is the entry point, an `HttpHandler`; [RequestInfo] says what a URL asks for. Handlers run on the
/// request's own virtual thread; a watch holds no thread once its initial events have been sent. What is served under a
/// resource is the registry's business; nothing here knows a kind.
@NullMarked
package io.insula.tenantapi.pipeline;

import org.jspecify.annotations.NullMarked;
