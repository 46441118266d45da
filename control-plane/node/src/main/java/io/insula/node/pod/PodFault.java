package io.insula.node.pod;

/// Why a container cannot be made of what its pod says: the kubelet's words, for the container's `waiting` state.
public final class PodFault extends RuntimeException {

    private final String reason;

    /// @param reason e.g. `CreateContainerConfigError`
    public PodFault(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public static PodFault config(String message) {
        return new PodFault("CreateContainerConfigError", message);
    }

    public String reason() {
        return reason;
    }

    public String message() {
        return String.valueOf(getMessage());
    }
}
