package io.insula.controlplane.service;

/// An option of the service cannot be used; the message names it, what was given and what is expected.
public final class OptionException extends RuntimeException {

    public OptionException(String message) {
        super(message);
    }

    public OptionException(String message, Throwable cause) {
        super(message, cause);
    }
}
