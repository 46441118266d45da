package io.insula.controlplane.cli;

/// A command failed; the message is all that the user sees.
final class CommandException extends RuntimeException {

    CommandException(String message) {
        super(message);
    }

    CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
