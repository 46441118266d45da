package io.insula.tenantapi.patch;

import io.insula.tenantapi.api.ApiException;

/// A patch that cannot be applied. Source: kubernetes/apiserver, `endpoints/handlers/patch.go`.
public final class PatchException extends RuntimeException {

    /// What is wrong: the patch itself, its size, or that it does not fit the object.
    public enum Kind {
        MALFORMED,
        TOO_LARGE,
        NOT_APPLICABLE
    }

    private final Kind kind;

    private PatchException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    static PatchException malformed(String message) {
        return new PatchException(Kind.MALFORMED, message);
    }

    static PatchException tooLarge(String message) {
        return new PatchException(Kind.TOO_LARGE, message);
    }

    static PatchException notApplicable(String message) {
        return new PatchException(Kind.NOT_APPLICABLE, message);
    }

    public Kind kind() {
        return kind;
    }

    /// The answer to the client: 400, 413, or 422 with upstream's text, which does not say why.
    public ApiException toApi() {
        return switch (kind) {
            case MALFORMED -> ApiException.badRequest(String.valueOf(getMessage()));
            case TOO_LARGE -> ApiException.of(413, "RequestEntityTooLarge", String.valueOf(getMessage()));
            case NOT_APPLICABLE ->
                ApiException.of(422, "Invalid", "the server rejected our request due to an error in our request");
        };
    }
}
