package io.insula.node.storage;

/// A volume of this node cannot be made, grown or removed now; the message is for the Event.
public final class VolumeException extends RuntimeException {

    public VolumeException(String message) {
        super(message);
    }

    public VolumeException(String message, Throwable cause) {
        super(message, cause);
    }
}
