package io.insula.tenantapi.cel.library;

/// A function that cannot answer for its arguments; the message is what the evaluation fails with.
public final class FunctionFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public FunctionFailure(String message) {
        super(message, null, false, false);
    }
}
