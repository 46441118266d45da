package io.insula.controlplane.process;

/// A child process cannot be started or does not become ready; the message says why and where its log is.
public final class ChildException extends RuntimeException {

    public ChildException(String message) {
        super(message);
    }

    public ChildException(String message, Throwable cause) {
        super(message, cause);
    }
}
