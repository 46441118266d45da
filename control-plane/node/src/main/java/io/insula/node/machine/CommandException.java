package io.insula.node.machine;

/// A program of this machine cannot be run, does not end in time, or fails. For people: its message names the command
/// and what it said.
public final class CommandException extends RuntimeException {

    CommandException(String message) {
        super(message);
    }

    CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
