package io.insula.node.containerd;

/// This machine cannot be a node, or not now; the message says what a person can do.
public final class NodeException extends RuntimeException {

    public NodeException(String message) {
        super(message);
    }

    public NodeException(String message, Throwable cause) {
        super(message, cause);
    }
}
