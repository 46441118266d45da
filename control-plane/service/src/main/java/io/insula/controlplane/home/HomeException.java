package io.insula.controlplane.home;

/// The home folder cannot be used as it is; the message names the file, what is wrong with it and what to do.
public final class HomeException extends RuntimeException {

    public HomeException(String message) {
        super(message);
    }

    public HomeException(String message, Throwable cause) {
        super(message, cause);
    }
}
