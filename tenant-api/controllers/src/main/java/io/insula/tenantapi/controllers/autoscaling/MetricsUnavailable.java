package io.insula.tenantapi.controllers.autoscaling;

/// A metric cannot be read. The message is for the condition and the Event.
final class MetricsUnavailable extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    MetricsUnavailable(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    /// For the condition `ScalingActive`, e.g. `FailedGetResourceMetric`.
    String reason() {
        return reason;
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
