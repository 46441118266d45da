package io.insula.tenantapi.http;

/// What the HTTP edge calls for each request, on a virtual thread of its own.
@FunctionalInterface
public interface HttpHandler {

    /// Answers through `responder`. A thrown exception becomes a bare 500 and a log line: handlers render their own.
    void handle(HttpRequest request, HttpResponder responder);

    /// Hears of a request that the edge refuses, before its answer leaves: handlers that keep a trail record it. What
    /// is thrown becomes a log line; the answer is the same.
    default void refused(HttpRefusal refusal) {}
}
