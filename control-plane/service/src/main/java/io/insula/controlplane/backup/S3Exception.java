package io.insula.controlplane.backup;

import java.io.IOException;

/// The store that backups are in does not do what it is asked for; the message says why and what to do, in one line,
/// and holds no credentials. It says nothing of the backups themselves.
final class S3Exception extends IOException {

    private final String code;

    /// @param code as the store calls it, such as `NoSuchKey`; empty where it did not answer
    S3Exception(String code, String message) {
        super(message);
        this.code = code;
    }

    S3Exception(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /// Whether there is nothing of the name that was asked for.
    boolean isNoSuchKey() {
        return code.equals("NoSuchKey");
    }

    /// Whether the store does not have what it was asked for, whatever the credentials.
    boolean isNotImplemented() {
        return code.equals("NotImplemented");
    }
}
