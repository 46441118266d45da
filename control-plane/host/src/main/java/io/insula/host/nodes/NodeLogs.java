package io.insula.host.nodes;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.http.HttpResponder;
import io.insula.tenantapi.http.HttpResponder.BodyStream;
import io.insula.tenantapi.tunnel.Dial;
import io.insula.tenantapi.tunnel.PlainAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Reads a log from a node and passes it on, as fast as its reader takes it. Thread-safe: holds no state.
final class NodeLogs {

    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofDays(1);
    private static final int PIECE_BYTES = 32 * 1024;
    private static final int REFUSAL_BYTES = 10 * 1024;

    /// @throws ApiException what the node says where it refuses
    void pass(Dial.Peer node, String target, HttpResponder responder) {
        try (PlainAnswer answer = Dial.send(node, Dial.Request.get(target), ANSWER_WITHIN)) {
            if (answer.status() != 200) {
                throw refused(answer);
            }
            BodyStream stream = responder.stream(200, Map.of("Content-Type", List.of("text/plain")));
            stream.onClose(answer::close);
            copy(answer.body(), stream);
        } catch (IOException e) {
            throw ApiException.internal("error dialing backend: " + e.getMessage(), e);
        }
    }

    private static void copy(InputStream from, BodyStream to) {
        byte[] piece = new byte[PIECE_BYTES];
        try {
            for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
                if (!to.write(Arrays.copyOf(piece, count)) || !to.awaitRoom(PATIENCE)) {
                    to.abort();
                    return;
                }
            }
            to.close();
        } catch (IOException e) {
            // cut on either side: nobody takes a part for the whole
            to.abort();
        } catch (InterruptedException e) {
            to.abort();
            Thread.currentThread().interrupt();
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
