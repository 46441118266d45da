package io.insula.node.volumes;

/// A volume cannot be made, or not yet; its message is the kubelet's, for the Event `FailedMount`.
public final class VolumeFault extends RuntimeException {

    public VolumeFault(String message) {
        super(message);
    }

    public VolumeFault(String message, Throwable cause) {
        super(message, cause);
    }
}
