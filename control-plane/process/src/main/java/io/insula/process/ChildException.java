package io.insula.process;

/// A child process cannot be started or does not become ready; the message says why, in the child's own last words, and
/// where its log is.
public final class ChildException extends RuntimeException {

    private final boolean portTaken;
    private final boolean ended;

    public ChildException(String message) {
        super(message);
        portTaken = false;
        ended = false;
    }

    public ChildException(String message, Throwable cause) {
        super(message, cause);
        portTaken = false;
        ended = false;
    }

    /// @param log what it wrote is quoted
    public ChildException(String message, LogTail log) {
        this(message, log, false);
    }

    /// @param ended whether the child ended by itself
    ChildException(String message, LogTail log, boolean ended) {
        super(message + log.quoted());
        portTaken = log.tellsOfATakenPort();
        this.ended = ended;
    }

    /// Whether the child found another program on a port it was given.
    public boolean isPortTaken() {
        return portTaken;
    }

    /// Whether the child ended by itself while it was being started, instead of being slow.
    public boolean isEnded() {
        return ended;
    }
}
