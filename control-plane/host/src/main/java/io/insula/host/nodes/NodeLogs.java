package io.insula.host.nodes;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.Bodies;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.HttpResponder.BodyStream;
import io.insula.tenantapi.http.Proxies;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.PlainAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Reads a log from a node and passes it on, as fast as its reader takes it. Thread-safe: holds no state.
final class NodeLogs {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final int REFUSAL_BYTES = 10 * 1024;

    /// @throws ApiException what the node says where it refuses
    void pass(Dial.Peer node, String target, HttpResponder responder) {
        try (PlainAnswer answer = Dial.send(node, Dial.Request.get(target), ANSWER_WITHIN)) {
            if (answer.status() != 200) {
                throw refused(answer);
            }
            BodyStream stream = responder.stream(200, Map.of("Content-Type", List.of("text/plain")));
            stream.onClose(answer::close);
            Bodies.copy(answer.body(), stream, Proxies.PATIENCE);
        } catch (IOException e) {
            throw ApiException.internal("error dialing backend: " + e.getMessage(), e);
        }
    }

    private static ApiException refused(PlainAnswer answer) throws IOException {
        String said = new String(answer.body().readNBytes(REFUSAL_BYTES), StandardCharsets.UTF_8).strip();
        return switch (answer.status()) {
            case 400 -> ApiException.badRequest(said);
            case 404 -> ApiException.of(404, "NotFound", "the server could not find the requested resource: " + said);
            case 500 -> ApiException.internal(said, null);
            default ->
                ApiException.of(
                        answer.status(),
                        "InternalError",
                        "an error on the node (\"" + said + "\") has prevented the" + " request from succeeding");
        };
    }
}
