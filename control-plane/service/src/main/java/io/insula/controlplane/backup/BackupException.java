package io.insula.controlplane.backup;

import java.io.UncheckedIOException;

/// A backup cannot be taken, read or used; the message says why and what to do, in one line.
public final class BackupException extends RuntimeException {

    private final Kind kind;

    /// What is wrong with it.
    public enum Kind {
        /// There is none of this name.
        NOT_FOUND,
        /// It is not what was written: bits changed, files are missing, or somebody else made it.
        DAMAGED,
        /// It may be good, but something else is in the way: the disk, the key, a missing program.
        FAILED
    }

    BackupException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    BackupException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public static BackupException notFound(String tenant, String id) {
        return new BackupException(Kind.NOT_FOUND, "tenant \"" + tenant + "\" has no backup \"" + id + "\"");
    }

    public static BackupException damaged(String message) {
        return new BackupException(Kind.DAMAGED, message);
    }

    static BackupException failed(String message, Exception cause) {
        return new BackupException(Kind.FAILED, message + ": " + why(cause), cause);
    }

    /// What went wrong, in one line: also what a file system has said to somebody in between.
    public static String why(Exception failure) {
        return failure instanceof UncheckedIOException && failure.getCause() != null
                ? failure.getMessage() + ": " + failure.getCause().getMessage()
                : String.valueOf(failure.getMessage());
    }

    public Kind kind() {
        return kind;
    }
}
