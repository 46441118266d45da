package io.insula.controlplane.admin;

import java.util.List;
import java.util.Map;

/// What the caller did wrong or cannot have; answered as `application/problem+json`. Source of the form: RFC 9457; of
/// the codes: RFC 9110.
public final class AdminException extends RuntimeException {

    private final Problem problem;
    private final Map<String, List<String>> headers;

    /// The kinds of failure there are, each with the reason that a Kubernetes `Status` gives, for the audit event.
    enum Problem {
        BAD_REQUEST(400, "Bad Request", "BadRequest"),
        UNAUTHORIZED(401, "Unauthorized", "Unauthorized"),
        FORBIDDEN(403, "Forbidden", "Forbidden"),
        NOT_FOUND(404, "Not Found", "NotFound"),
        METHOD_NOT_ALLOWED(405, "Method Not Allowed", "MethodNotAllowed"),
        NOT_ACCEPTABLE(406, "Not Acceptable", "NotAcceptable"),
        CONFLICT(409, "Conflict", "Conflict"),
        GONE(410, "Gone", "Expired"),
        PRECONDITION_FAILED(412, "Precondition Failed", "Conflict"),
        TOO_LARGE(413, "Content Too Large", "RequestEntityTooLarge"),
        UNSUPPORTED_MEDIA_TYPE(415, "Unsupported Media Type", "UnsupportedMediaType"),
        INVALID(422, "Unprocessable Content", "Invalid"),
        INTERNAL(500, "Internal Server Error", "InternalError"),
        UNAVAILABLE(503, "Service Unavailable", "ServiceUnavailable");

        private final int status;
        private final String title;
        private final String reason;

        Problem(int status, String title, String reason) {
            this.status = status;
            this.title = title;
            this.reason = reason;
        }

        int status() {
            return status;
        }

        String title() {
            return title;
        }

        String reason() {
            return reason;
        }
    }

    private AdminException(Problem problem, String detail, Map<String, List<String>> headers) {
        super(detail);
        this.problem = problem;
        this.headers = Map.copyOf(headers);
    }

    private AdminException(Problem problem, String detail) {
        this(problem, detail, Map.of());
    }

    /// The request itself is malformed: its body, a parameter, a header.
    static AdminException badRequest(String detail) {
        return new AdminException(Problem.BAD_REQUEST, detail);
    }

    static AdminException unauthorized(String detail) {
        return new AdminException(Problem.UNAUTHORIZED, detail);
    }

    static AdminException forbidden(String detail) {
        return new AdminException(Problem.FORBIDDEN, detail);
    }

    static AdminException notFound(String detail) {
        return new AdminException(Problem.NOT_FOUND, detail);
    }

    static AdminException methodNotAllowed(String detail, List<String> allowed) {
        return new AdminException(
                Problem.METHOD_NOT_ALLOWED, detail, Map.of("Allow", List.of(String.join(", ", allowed))));
    }

    static AdminException notAcceptable(String detail) {
        return new AdminException(Problem.NOT_ACCEPTABLE, detail);
    }

    static AdminException alreadyExists(String detail) {
        return new AdminException(Problem.CONFLICT, detail);
    }

    static AdminException expired(String detail) {
        return new AdminException(Problem.GONE, detail);
    }

    static AdminException changedMeanwhile(String detail) {
        return new AdminException(Problem.PRECONDITION_FAILED, detail);
    }

    static AdminException tooLarge(String detail) {
        return new AdminException(Problem.TOO_LARGE, detail);
    }

    static AdminException unsupportedMediaType(String detail) {
        return new AdminException(Problem.UNSUPPORTED_MEDIA_TYPE, detail);
    }

    /// The request is well formed, but what it wants cannot be.
    static AdminException invalid(String detail) {
        return new AdminException(Problem.INVALID, detail);
    }

    static AdminException internal(String detail) {
        return new AdminException(Problem.INTERNAL, detail);
    }

    static AdminException notReady(String detail) {
        return new AdminException(Problem.UNAVAILABLE, detail, Map.of("Retry-After", List.of("2")));
    }

    Problem problem() {
        return problem;
    }

    /// What the answer has besides its body.
    Map<String, List<String>> headers() {
        return headers;
    }
}
