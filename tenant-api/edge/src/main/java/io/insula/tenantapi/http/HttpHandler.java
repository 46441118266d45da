package io.insula.tenantapi.http;

/// What the HTTP edge calls for each request, on a virtual thread of its own.
@FunctionalInterface
public interface HttpHandler {

    /// Answers through `responder`. A thrown exception becomes a bare 500 and a log line: handlers render their own.
    void handle(HttpRequest request, HttpResponder responder);
}
