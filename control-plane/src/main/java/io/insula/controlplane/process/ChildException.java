package io.insula.controlplane.process;

/// A child process cannot be started or does not become ready; the message says why, in the child's own last words, and
/// where its log is.
public final class ChildException extends RuntimeException {

    private final boolean portTaken;

    public ChildException(String message) {
        super(message);
        portTaken = false;
    }

    public ChildException(String message, Throwable cause) {
        super(message, cause);
        portTaken = false;
    }

    ChildException(String message, LogTail log) {
        super(message + log.quoted());
        portTaken = log.tellsOfATakenPort();
    }

    /// Whether the child found another program on a port it was given.
    public boolean isPortTaken() {
        return portTaken;
    }
}
