package io.insula.isolation;

/// How a profile makes a pod's resources binding on the host.
public sealed interface ResourceMode {

    /// Limits equal requests: what a container may use is what the host reserves for it.
    record Hard() implements ResourceMode {}

    /// Limits up to `maxRatio` times the request.
    ///
    /// @param maxRatio at least 1
    record Burstable(double maxRatio) implements ResourceMode {
        public Burstable {
            if (!(maxRatio >= 1) || Double.isInfinite(maxRatio)) {
                throw new IllegalArgumentException("resources.maxRatio: " + maxRatio + " (expected: >= 1)");
            }
        }
    }
}
