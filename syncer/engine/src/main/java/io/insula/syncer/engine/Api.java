package io.insula.syncer.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Set;

/// One API server as the engine writes to it: by path and JSON tree. Thread-safe; every call has a deadline.
interface Api extends ReadApi {

    String APPLY = "application/apply-patch+yaml";
    String MERGE_PATCH = "application/merge-patch+json";
    String STRATEGIC_PATCH = "application/strategic-merge-patch+json";
    String JSON = "application/json";

    /// @param auditId what the server's own event of it is to be called
    /// @return what was answered; a missing node if that is not JSON
    /// @throws ApiFailure if it was not done, or nobody knows whether it was
    JsonNode send(String method, String path, String contentType, JsonNode body, String auditId);

    /// A request that failed.
    final class ApiFailure extends RuntimeException {
        private static final Set<Integer> PASSING = Set.of(401, 404, 408, 409, 425, 429);

        private static final int BUSY = 429;
        private static final Duration USUAL_PAUSE = Duration.ofSeconds(1);
        private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

        private final int code;
        private final Duration pause;

        /// @param code the HTTP status; 0 if there was no answer
        ApiFailure(int code, String message) {
            this(code, message, USUAL_PAUSE);
        }

        /// @param pause after which it may be asked again, where it says so
        ApiFailure(int code, String message, Duration pause) {
            super(message);
            this.code = code;
            this.pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
        }

        /// The server has more to do than it can, and asks to be left alone for [#pause].
        ///
        /// Source: Kubernetes documentation, "API Priority and Fairness"; RFC 6585, "429 Too Many Requests".
        boolean isBusy() {
            return code == BUSY;
        }

        /// At most half a minute.
        Duration pause() {
            return pause;
        }

        int code() {
            return code;
        }

        /// The server, or what stands before it, is not there; says nothing of the object.
        boolean isOutage() {
            return code == 0 || code == 502 || code == 503 || code == 504;
        }

        /// Trying again changes nothing until somebody changes the object or the rules. Neither a lack of time or room
        /// is one, nor that the object moved meanwhile, nor that the syncer's own credentials are no good.
        boolean isRefusal() {
            return code >= 400 && code < 500 && !PASSING.contains(code);
        }
    }
}
