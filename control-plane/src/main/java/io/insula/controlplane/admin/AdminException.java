package io.insula.controlplane.admin;

/// What the caller did wrong or cannot have; answered as `application/problem+json`. Source: RFC 9457.
public final class AdminException extends RuntimeException {

    private final int status;
    private final String title;

    private AdminException(int status, String title, String detail) {
        super(detail);
        this.status = status;
        this.title = title;
    }

    static AdminException notFound(String detail) {
        return new AdminException(404, "Not Found", detail);
    }

    static AdminException alreadyExists(String detail) {
        return new AdminException(409, "Conflict", detail);
    }

    static AdminException invalid(String detail) {
        return new AdminException(422, "Unprocessable Content", detail);
    }

    static AdminException notReady(String detail) {
        return new AdminException(503, "Service Unavailable", detail);
    }

    static AdminException forbidden(String detail) {
        return new AdminException(403, "Forbidden", detail);
    }

    int status() {
        return status;
    }

    String title() {
        return title;
    }
}
