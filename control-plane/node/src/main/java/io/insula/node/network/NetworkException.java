package io.insula.node.network;

/// The machine's network could not be set up as it should.
public final class NetworkException extends RuntimeException {

    NetworkException(String message) {
        super(message);
    }

    NetworkException(String message, Throwable cause) {
        super(message, cause);
    }
}
