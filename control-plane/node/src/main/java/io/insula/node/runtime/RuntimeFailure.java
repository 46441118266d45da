package io.insula.node.runtime;

/// A runtime did not do what it was asked for. Its message is fit for a pod's Events: the kubelet's words, e.g.
/// `rpc error: code = Unknown desc = failed to create containerd task: …`.
public abstract sealed class RuntimeFailure extends RuntimeException {

    private RuntimeFailure(String message, Throwable cause) {
        super(message, cause);
    }

    /// There is no such sandbox, container or image.
    public static final class NotFound extends RuntimeFailure {
        public NotFound(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// The runtime does not answer: try again later.
    public static final class Unavailable extends RuntimeFailure {
        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// It did not end in time.
    public static final class TimedOut extends RuntimeFailure {
        public TimedOut(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// It tried, and failed for the reason that the message says.
    public static final class Refused extends RuntimeFailure {
        public Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
