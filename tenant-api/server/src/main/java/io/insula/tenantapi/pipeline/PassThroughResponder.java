package io.insula.tenantapi.pipeline;

import io.insula.tenantapi.http.HttpResponder;
import java.util.List;
import java.util.Map;

/// Gives a passed-through answer the common headers and its audit events.
final class PassThroughResponder implements HttpResponder {

    private final Exchange exchange;

    PassThroughResponder(Exchange exchange) {
        this.exchange = exchange;
    }

    @Override
    public void send(int status, Map<String, List<String>> headers, byte[] body) {
        exchange.send(status, "", body, headers);
    }

    @Override
    public BodyStream stream(int status, Map<String, List<String>> headers) {
        BodyStream stream = exchange.stream(status, headers);
        stream.onClose(() -> exchange.streamEnded(status));
        return stream;
    }
}
